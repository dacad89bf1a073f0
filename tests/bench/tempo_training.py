#!/usr/bin/python3
"""Find the weights of analysis/tempo_octave.c again.

    tests/bench/tempo_training.py TEMPO-FEATURES --keep DIR

TEMPO-FEATURES is the program built from tempo_features.c. The music is that of
tempo_corpus.py but for the third that is kept for checking (--split prints
which is which), generated pieces of tempo_pieces.py, which count half, and all
of it again distorted and under noise. Of each piece there are up to eleven
candidates, each with terms; the weights are those that maximize the likelihood
of the written tempo among them (a conditional logit, see `describe` there),
less a penalty on squared weights. --keep has the rendered music, some 3 GB.
"""
import argparse
import os
import subprocess
import sys

import numpy
from scipy.optimize import minimize

import music_truth
import tempo_corpus
import tempo_pieces

PENALTY = 1.5  # half the sum of squares of weights of standardised terms
GENERATED = .5  # what such a piece counts
FOLDS = 8
EVIDENCE = 4  # columns before the terms: bpm, and what the chance is of
MOST = 11  # candidates


class Generated:
    def __init__(self, group, row):
        self.source, self.name, self.bpm = group, row['name'], row['bpm']
        self.row = row


def generated():
    for group, rows in tempo_pieces.rows().items():
        if group != 'clicks':
            step = 1 if group == 'first' else 2
            yield from (Generated(group, row) for row in rows[::step])


def path_of(piece, folder, change):
    if isinstance(piece, Generated):
        piece.path = os.path.join(folder, piece.source, piece.name + '.mid')
        os.makedirs(os.path.dirname(piece.path), exist_ok=True)
        if not os.path.exists(piece.path):
            with open(piece.path, 'wb') as file:
                file.write(tempo_pieces.midi(piece.row))
    return tempo_corpus.render(piece, folder, change)


def measure(program, path):
    text = subprocess.run([program, path], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    return numpy.array([[float(x) for x in line.split()]
                        for line in text.splitlines()])


class Choices:
    """Of each piece its candidates' terms, which of them are there, and which
    are right."""

    def __init__(self, rows):
        width = rows[0][1].shape[1] - EVIDENCE
        self.terms = numpy.zeros((len(rows), MOST, width))
        self.there = numpy.zeros((len(rows), MOST), bool)
        self.right = numpy.zeros((len(rows), MOST), bool)
        self.counts = numpy.ones(len(rows))
        self.folds = numpy.zeros(len(rows), int)
        for i, (piece, table) in enumerate(rows):
            n = len(table)
            self.terms[i, :n] = table[:, EVIDENCE:]
            self.there[i, :n] = True
            self.right[i, :n] = (abs(table[:, 0] / piece.bpm - 1) <
                                 music_truth.TOLERANCE)
            self.folds[i] = tempo_corpus.number_of('f' + piece.name) % FOLDS
            if isinstance(piece, Generated):
                self.counts[i] = GENERATED

    def fit(self, chosen):
        chosen = chosen & self.right.any(1)
        scale = self.terms[chosen][self.there[chosen]].std(0)
        terms = self.terms[chosen] / scale
        there, right = self.there[chosen], self.right[chosen]
        counts = self.counts[chosen]

        def loss(weights):
            scores = numpy.where(there, terms @ weights, -1e9)
            odds = numpy.exp(scores - scores.max(1, keepdims=True))
            shares = odds / odds.sum(1, keepdims=True)
            likely = (shares * right).sum(1) + 1e-300
            off = shares - shares * right / likely[:, None]
            slope = numpy.einsum('n,nk,nkd->d', counts, off, terms)
            return (PENALTY * weights @ weights -
                    counts @ numpy.log(likely),
                    2 * PENALTY * weights + slope)

        return minimize(loss, numpy.zeros(len(scale)), jac=True,
                        method='L-BFGS-B').x / scale

    def is_right(self, weights):
        scores = numpy.where(self.there, self.terms @ weights, -1e9)
        return self.right[numpy.arange(len(scores)), scores.argmax(1)]

    def cross_validate(self):
        right = numpy.zeros(len(self.folds), bool)
        for fold in range(FOLDS):
            left_out = self.folds == fold
            right[left_out] = self.is_right(self.fit(~left_out))[left_out]
        return right


def report(choices, rows):
    weights = choices.fit(numpy.ones(len(rows), bool))
    print('weights:', ', '.join(f'{w:.3g}' for w in weights))
    right = choices.cross_validate()
    names = [piece.source for piece, _ in rows]
    for name in dict.fromkeys(names):
        mine = numpy.array([n == name for n in names])
        print(f'{name:24} {right[mine].sum():4} of {mine.sum():4} right by '
              'weights from the other folds')


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--keep', metavar='DIR', required=True)
    parser.add_argument('--split', action='store_true',
                        help='print which pieces are kept for checking')
    args = parser.parse_args()
    os.makedirs(args.keep, exist_ok=True)
    others = tempo_corpus.pieces(args.keep)
    if args.split:
        for piece in others:
            use = 'check' if tempo_corpus.is_check(piece.name) else 'fit'
            print(use, piece.source, piece.name)
        return
    music = [p for p in others if not tempo_corpus.is_check(p.name)]
    rows = []
    for piece in [*music, *generated()]:
        for change in (None, tempo_corpus.dense):
            print(piece.source, piece.name, file=sys.stderr)
            table = measure(args.program, path_of(piece, args.keep, change))
            if table.size:
                rows.append((piece, table))
    report(Choices(rows), rows)


if __name__ == '__main__':
    main()

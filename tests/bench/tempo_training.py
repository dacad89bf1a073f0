#!/usr/bin/env python3
"""Find the weights of analysis/tempo_octave.c again.

    tests/bench/tempo_training.py TEMPO-FEATURES [--keep DIR]

TEMPO-FEATURES is the program built from tempo_features.c. The pieces come from
tempo_pieces.py, rendered as music_truth.py does; the second corpus is not among
them. Of each piece tempo_octave.c has up to five candidates, each with terms;
the weights are those that maximise the likelihood of the written tempo among
them (a conditional logit, see `plausible`), less a penalty on squared weights.
Ten minutes; seconds with what --keep has kept of the same program.
"""
import argparse
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import music_truth
import tempo_pieces

SOURCE = (pathlib.Path(__file__).resolve().parents[2] /
          'analysis' / 'tempo_octave.c')
PENALTY = .3  # half the sum of squares of weights of standardised terms
FOLDS = 10
STEPS = 50

# By term, in the order of struct tempo_candidate.
WEIGHTS = ['USUAL_BPM_SPREAD', 'USUAL_EVENTS_SPREAD', 'SHARE_WEIGHT',
           'PULSES_WEIGHT', 'HALF_WEIGHT', 'DOTTED_WEIGHT', 'FOUR_WEIGHT',
           'BAR_WEIGHT']
GAUSSIANS = 2  # of these; the term is -0.5 * (octaves / spread) ** 2
TERMS = range(len(WEIGHTS))


class Piece:
    """candidates: of each, its terms; right: indices of those that are."""

    def __init__(self, group, row, lines):
        self.group, self.style, self.seed = group, row['style'], row['seed']
        self.candidates, self.right = [], []
        for line in lines:
            bpm, *terms = map(float, line.split())
            if abs(bpm / row['bpm'] - 1) < music_truth.TOLERANCE:
                self.right.append(len(self.candidates))
            self.candidates.append([t * t for t in terms[:GAUSSIANS]] +
                                   terms[GAUSSIANS:])

    def is_right(self, weights):
        """Whether the most plausible candidate is right."""
        scores = [dot(weights, terms) for terms in self.candidates]
        return bool(scores) and scores.index(max(scores)) in self.right


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def samples(row, folder):
    if row['style'] != 'click':
        return music_truth.render(row, folder, tempo_pieces.midi)
    path = os.path.join(folder, row['name'] + '.f32')
    with open(path, 'wb') as file:
        tempo_pieces.clicks(row['bpm']).tofile(file)
    return path


def measure(program, row, folder):
    """What the program prints about a piece, kept in a file."""
    kept = pathlib.Path(folder, row['name'] + '.terms')
    if not kept.exists():
        with tempfile.TemporaryDirectory() as scratch:
            text = subprocess.run([program, samples(row, scratch)], text=True,
                                  check=True, stdout=subprocess.PIPE).stdout
        kept.write_text(text)
    return kept.read_text().splitlines()


def measure_all(program, folder):
    pieces = []
    for group, rows in tempo_pieces.rows().items():
        print(f'{group}: {len(rows)} pieces', file=sys.stderr)
        into = os.path.join(folder, group)
        os.makedirs(into, exist_ok=True)
        pieces += [Piece(group, row, measure(program, row, into))
                   for row in rows]
    return pieces


def scales(pieces):
    """The standard deviations of the terms. Those behind the source's weights
    were of more multiples than are candidates now; that of the dotted term was
    twice as large, which is why its weight differs most."""
    columns = list(zip(*(c for piece in pieces for c in piece.candidates)))
    means = [math.fsum(column) / len(column) for column in columns]
    return [math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(column))
            for column, mean in zip(columns, means)]


def mean_of(candidates, shares):
    return [sum(share * terms[i] for share, terms in zip(shares, candidates))
            for i in TERMS]


def likelihoods(candidates, weights):
    scores = [dot(weights, terms) for terms in candidates]
    most = max(scores)
    odds = [math.exp(score - most) for score in scores]
    return [o / sum(odds) for o in odds]


def add_piece(candidates, right, weights, gradient, hessian):
    """To the derivatives of minus the log likelihood, those of a piece."""
    shares = likelihoods(candidates, weights)
    mean = mean_of(candidates, shares)
    wanted = mean_of([candidates[i] for i in right],
                     [1 / len(right)] * len(right))
    for i in TERMS:
        gradient[i] += mean[i] - wanted[i]
    for share, terms in zip(shares, candidates):
        off = [t - m for t, m in zip(terms, mean)]
        for i in TERMS:
            part = share * off[i]
            for j in TERMS:
                hessian[i][j] += part * off[j]


def solve(matrix, values):
    """Gaussian elimination; the matrix is positive definite."""
    rows = [[*row, value] for row, value in zip(matrix, values)]
    for i, pivot in enumerate(rows):
        pivot[:] = [x / pivot[i] for x in pivot]
        for other in rows:
            if other is not pivot:
                times = other[i]
                other[:] = [x - times * y for x, y in zip(other, pivot)]
    return [row[-1] for row in rows]


def fit(pieces, scale):
    """Weights by Newton's method. Pieces none of whose candidates is right say
    nothing."""
    choices = [([[t / s for t, s in zip(terms, scale)]
                 for terms in piece.candidates], piece.right)
               for piece in pieces if piece.right]
    weights = [0.0 for _ in TERMS]
    for _ in range(STEPS):
        gradient = [PENALTY * w for w in weights]
        hessian = [[PENALTY * (i == j) for j in TERMS] for i in TERMS]
        for candidates, right in choices:
            add_piece(candidates, right, weights, gradient, hessian)
        step = solve(hessian, gradient)
        weights = [w - s for w, s in zip(weights, step)]
        if max(map(abs, step)) < 1e-6:
            return [w / s for w, s in zip(weights, scale)]
    raise ArithmeticError('the weights do not converge')


def cross_validate(pieces, scale, fold_of):
    """The pieces that are right by weights from the other folds."""
    right = []
    for fold in sorted({fold_of(piece) for piece in pieces}):
        weights = fit([p for p in pieces if fold_of(p) != fold], scale)
        right += [p for p in pieces
                  if fold_of(p) == fold and p.is_right(weights)]
    return right


def weights_of_source():
    text = SOURCE.read_text()
    values = [float(re.search(rf'#define {name} (\S+)', text)[1])
              for name in WEIGHTS]
    return [*(-.5 / spread ** 2 for spread in values[:GAUSSIANS]),
            *values[GAUSSIANS:]]


def as_defined(weights):
    """Weights as they are in the source: spreads of the Gaussians."""
    return [*(math.sqrt(-.5 / w) for w in weights[:GAUSSIANS]),
            *weights[GAUSSIANS:]]


def show_weights(found, ours):
    print(f'{"":20} {"found":>8} {"source":>8}  differ')
    for name, new, old in zip(WEIGHTS, as_defined(found), as_defined(ours)):
        print(f'{name:20} {new:8.3f} {old:8.3f} {abs(new / old - 1):7.1%}')


def show_right(title, right, pieces):
    groups = dict.fromkeys(piece.group for piece in pieces)
    counts = [sum(piece.group == group for piece in right) for group in groups]
    print(f'{title:22} {len(right):7}',
          ''.join(f'{count:8}' for count in counts))


def report(pieces):
    scale = scales(pieces)
    found, ours = fit(pieces, scale), weights_of_source()
    show_weights(found, ours)
    print(f'\n{"right tempi":22} {"all":>7}',
          ''.join(f'{group:>8}' for group in tempo_pieces.rows()))
    show_right('of', pieces, pieces)
    show_right('among the candidates', [p for p in pieces if p.right], pieces)
    for title, weights in (('weights of the source', ours),
                           ('weights found', found)):
        show_right(title, [p for p in pieces if p.is_right(weights)], pieces)
    for title, fold_of in (('a style left out', lambda p: p.style),
                           ('a tenth left out', lambda p: p.seed % FOLDS)):
        show_right(title, cross_validate(pieces, scale, fold_of), pieces)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--keep', metavar='DIR', help="of the pieces' terms")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        report(measure_all(args.program, args.keep or scratch))


if __name__ == '__main__':
    main()

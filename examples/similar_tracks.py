#!/usr/bin/python3
"""A library's fingerprints as a table, and the tracks that are like one.

Reads the .25d sidecars below MOUNT/analysis, or below any folder in there:
one row a track, sorted by path.

    similar_tracks.py ~/groovefs
    similar_tracks.py --csv ~/groovefs/analysis/Artist > artist.csv
    similar_tracks.py --like Artist/Album/Song.flac ~/groovefs

With --like the rows are sorted by their distance to that track: each of the 25
dimensions is standardised over the tracks that were read (less its mean, over
its standard deviation; one that is the same in all counts nothing), and the
distance is the root of the mean of the squared differences. Two tracks picked
at random are about 1.4 apart.

It knows how music sounds, not what it is: level, balance, movement, width, and
neither melody nor words. Every dimension weighs the same, and those that go
together (the bands, the two crests) count together; a tempo that was found at
twice its value is far away. The distance depends on what was read: it says
little among a handful of tracks, and nothing from one library to another.

A track that could not be analyzed is named on stderr and left out. The first
run lets groovefs analyze what it has not yet; later ones read files.
Exit codes: 0, 1: nothing to show, no such track, or an error, 2: usage.
"""
import argparse
import concurrent.futures
import csv
import json
import os
import signal
import sys

import numpy as np

SUFFIX = ".25d"
SHORT = ("lufs", "crest_db", "bass_mid_ratio", "tempo_bpm",
         "transient_density", "spectral_centroid", "harmonic_ratio",
         "stereo_width")  # what a terminal has room for


def sidecars(folder):
    """Paths of all below, sorted, so that groovefs prefetches."""
    def give_up(error):
        raise error
    for base, folders, names in os.walk(folder, onerror=give_up):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SUFFIX):
                yield os.path.join(base, name)


def read(path):
    """(track, fingerprint, None), or what is wrong in place of None."""
    track = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            sidecar = json.load(file)
        track = sidecar["audio_file"]["path"]
        if sidecar["metadata"]["status"] == "failed":
            return track, None, sidecar["metadata"]["reason"]
        return track, sidecar["fingerprint"], None
    except (OSError, ValueError, KeyError, TypeError) as error:
        return track, None, f"cannot read '{path}': {error}"


def load(folder):
    """(tracks, names of the dimensions, table of a row a track)"""
    inside = os.path.join(folder, "analysis")
    paths = sidecars(inside if os.path.isdir(inside) else folder)
    tracks, rows = [], []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for track, fingerprint, trouble in pool.map(read, paths):
            if trouble:
                print(f"similar_tracks: {track}: {trouble}", file=sys.stderr)
                continue
            tracks.append(track)
            rows.append(fingerprint)
    if not rows:
        raise ValueError(f"no analyzed tracks below '{folder}'")
    names = list(rows[0])
    return tracks, names, np.array([[row[n] for n in names] for row in rows])


def find(tracks, wanted):
    """The place of a track: its path, or a part that no other has."""
    found = [i for i, track in enumerate(tracks) if track == wanted] or [
        i for i, track in enumerate(tracks) if wanted in track]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(f"no analyzed track '{wanted}'")
    raise ValueError(f"'{wanted}' is in {len(found)} paths, as "
                     + " and ".join(f"'{tracks[i]}'" for i in found[:2]))


def distances(table, place):
    """Of all tracks to the one at that place."""
    spread = table.std(axis=0)
    varies = spread > 1e-9
    apart = (table - table[place])[:, varies] / spread[varies]
    return np.sqrt(np.mean(apart ** 2, axis=1)) if varies.any() else (
        np.zeros(len(table)))


def print_csv(names, rows):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["path", *names])
    for track, values in rows:
        writer.writerow([track, *(f"{value:.6g}" for value in values)])


def print_aligned(names, rows):
    """Numbers first, since paths have no width that one could count on."""
    print(*(f"{name:>{max(8, len(name))}}" for name in names), "path")
    for track, values in rows:
        print(*(f"{value:{max(8, len(name))}.3f}"
                for name, value in zip(names, values)), track)


def show(options):
    tracks, names, table = load(options.folder)
    columns = names if options.csv else SHORT
    shown = table[:, [names.index(name) for name in columns]]
    order = range(len(tracks))
    if options.like:
        place = find(tracks, options.like)
        apart = distances(table, place)
        order = sorted(order, key=lambda i: (i != place, apart[i]))
        columns = ["distance", *columns]
        shown = np.column_stack((apart, shown))
    rows = [(tracks[i], shown[i]) for i in order][:options.top]
    (print_csv if options.csv else print_aligned)(columns, rows)


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", metavar="MOUNT",
                        help="a mounted groovefs, or a folder in its "
                        "analysis/")
    parser.add_argument("--like", metavar="TRACK", help="the path of a track, "
                        "or a part of it; it comes first")
    parser.add_argument("--top", type=positive, metavar="N",
                        help="show so many rows")
    parser.add_argument("--csv", action="store_true",
                        help="for other programs; with all dimensions")
    options = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # "| head" is no error
    try:
        show(options)
    except OSError as error:
        sys.exit(f"similar_tracks: cannot read '{error.filename}': "
                 f"{error.strerror}")
    except ValueError as error:
        sys.exit(f"similar_tracks: {error}")


if __name__ == "__main__":
    main()

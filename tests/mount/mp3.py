"""MP3 as bytes and as audio: frames, the Info frame, and comparisons.

Time in a rendition: the encoder delays by 576 samples and a decoder by 529, so
that sample 0 of the source is sample 1105 of what frame 1 on (the Info frame
is frame 0) decode to. FFmpeg and `lame --decode` cut this off when the Info
frame tells the delay (LAME tag revision 0).
"""
import struct
import subprocess
import tempfile

import numpy as np
import soundfile
from scipy import signal

DELAY = 576 + 529
SAMPLES = 1152
BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES = (44100, 48000, 32000)


def tag_size(data):
    """Bytes of the ID3v2 tag at the start."""
    if data[:3] != b"ID3":
        return 0
    a, b, c, d = data[6:10]
    return 10 + (a << 21 | b << 14 | c << 7 | d)


def frames(data):
    """(offset, length) of each MPEG-1 layer III frame after the tag; they must
    follow each other without a gap to the end of the file."""
    at, found = tag_size(data), []
    while at < len(data):
        header = data[at:at + 4]
        assert len(header) == 4 and header[0] == 0xff and (
            header[1] & 0xfe) == 0xfa, f"no frame at {at}: {header.hex()}"
        rate = RATES[header[2] >> 2 & 3]
        length = (144000 * BIT_RATES[header[2] >> 4] // rate
                  + (header[2] >> 1 & 1))
        found.append((at, length))
        at += length
    assert at == len(data), f"the last frame is cut by {at - len(data)} bytes"
    return found


class Info:
    """The Info frame: what it says of the frames after it."""

    def __init__(self, data):
        at = tag_size(data)
        frame = data[at:at + frames(data)[0][1]]
        mono = frame[3] >> 6 == 3
        body = frame[4 + (17 if mono else 32):]
        assert body[:4] == b"Info", body[:4]
        flags, self.frames, self.bytes = struct.unpack(">III", body[4:16])
        assert flags == 15, flags
        self.toc = list(body[16:116])
        self.encoder = body[120:129]
        gap = int.from_bytes(body[141:144], "big")
        self.delay, self.padding = gap >> 12, gap & 4095
        self.samples = self.frames * SAMPLES - self.delay - self.padding


def audio_frames(data):
    """The bytes of each frame after the Info frame."""
    return [data[at:at + length] for at, length in frames(data)[1:]]


def decode(path, channels):
    """FFmpeg's samples (rows, float64), trimmed, and what it said."""
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-nostdin", "-i", path, "-map", "0:a",
         "-f", "f32le", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        said += f"exit {done.returncode}"
    samples = np.frombuffer(done.stdout, "<f4").astype(np.float64)
    return samples.reshape(-1, channels), said


def decode_bytes(data, channels):
    with tempfile.NamedTemporaryFile(suffix=".mp3") as file:
        file.write(data)
        file.flush()
        samples, said = decode(file.name, channels)
    assert not said, said
    return samples


def decode_piece(data, channels):
    """Samples of frames out of the middle of a file, nothing trimmed."""
    raw = subprocess.run(
        ["ffmpeg", "-v", "fatal", "-f", "mp3", "-i", "-", "-f", "f32le", "-"],
        input=data, check=True, stdout=subprocess.PIPE).stdout
    samples = np.frombuffer(raw, "<f4").astype(np.float64)
    return samples.reshape(-1, channels)


def source_samples(path):
    """Any source as FFmpeg decodes it: (rows, float64), rate."""
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
         "stream=sample_rate,channels", "-of", "csv=p=0", path], check=True,
        stdout=subprocess.PIPE).stdout.decode().strip().split(",")
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0",
         "-f", "f32le", "-"], check=True, stdout=subprocess.PIPE).stdout
    samples = np.frombuffer(raw, "<f4").astype(np.float64)
    return samples.reshape(-1, int(probe[1])), int(probe[0])


def mix_down(samples):
    """ITU-R BS.775, 5.1 (L R C LFE Ls Rs) to stereo, without the LFE."""
    if samples.shape[1] <= 2:
        return samples
    left, right, centre, _, back_left, back_right = samples.T
    half = 0.5 ** 0.5
    return np.stack([left + half * centre + half * back_left,
                     right + half * centre + half * back_right], axis=1)


def output_rate(rate):
    """What the plan makes of a source's rate."""
    while rate > 48000:
        rate //= 2
    return next(r for r in (32000, 44100, 48000) if r >= rate)


def resample(samples, rate):
    target = output_rate(rate)
    if target == rate:
        return samples
    common = np.gcd(rate, target)
    return signal.resample_poly(samples, target // common, rate // common,
                                axis=0)


def offset_of(decoded, reference, reach=4000):
    """The lag in samples at which the two agree best, by cross-correlation:
    0 when the decoded audio lies where the reference does."""
    length = min(len(decoded), len(reference))
    a, b = decoded[:length], reference[:length]
    whole = signal.correlate(a, b, mode="full", method="fft")
    reach = min(reach, length - 1)
    middle = whole[length - 1 - reach:length + reach]
    return int(np.argmax(np.abs(middle))) - reach


def gain_and_noise(decoded, reference):
    """The factor between the two, and their difference in dB below the
    reference after that factor."""
    length = min(len(decoded), len(reference))
    a, b = decoded[:length].ravel(), reference[:length].ravel()
    gain = float(a @ b / (b @ b))
    noise = a - gain * b
    return gain, decibel(gain * gain * (b @ b), noise @ noise)


def decibel(signal_energy, noise_energy):
    return 10 * np.log10((signal_energy + 1e-20) / (noise_energy + 1e-20))


def lame(path, bit_rate):
    """What the program makes of a file that it can read, without reservoir."""
    with tempfile.NamedTemporaryFile(suffix=".mp3") as out:
        subprocess.run(["lame", "--quiet", "--nores", "--cbr", "-q", "3", "-b",
                        str(bit_rate), path, out.name], check=True)
        return out.read()


def differing_frames(ours, theirs):
    """Numbers of the frames, after the Info frames, that are not the same."""
    a, b = audio_frames(ours), audio_frames(theirs)
    common = min(len(a), len(b))
    return ([i for i in range(common) if a[i] != b[i]]
            + list(range(common, max(len(a), len(b)))))


def worst_margin(differing, ours, theirs, source):
    """How far, in dB, the difference between two decodings lies under the
    coding noise, at the worst of the frames that differ."""
    worst = float("inf")
    for frame in differing:
        start = max(0, frame * SAMPLES - DELAY)
        part = slice(start, start + 2 * SAMPLES)
        noise = (theirs[part] - source[part]).ravel()
        difference = (ours[part] - theirs[part]).ravel()
        if len(noise):
            worst = min(worst, decibel(noise @ noise, difference @ difference))
    return worst


def source_samples_part(path, start, count):
    """Samples [start, start + count) of what libsndfile reads."""
    with soundfile.SoundFile(path) as file:
        file.seek(start)
        return file.read(count, always_2d=True)


def best_match(piece, samples):
    """Where in samples the piece fits best, and its noise there in dB."""
    mono = signal.correlate(samples.sum(1), piece.sum(1), mode="valid",
                            method="fft")
    at = int(np.argmax(np.abs(mono)))
    return at, gain_and_noise(piece, samples[at:at + len(piece)])[1]

"""Puts music, tags and covers into files, with ffmpeg. Every file appears
whole: it is written under a temporary name and then renamed."""

import os
import subprocess

from demo import cover, music

# Arguments for ffmpeg by extension (and codec), then by bits.
CODECS = {
    'flac': {16: ('flac', '-sample_fmt', 's16'),
             24: ('flac', '-sample_fmt', 's32', '-bits_per_raw_sample', '24')},
    'wav': {16: ('pcm_s16le',)},
    'aiff': {16: ('pcm_s16be', '-write_id3v2', '1')},
    'm4a alac': {16: ('alac', '-sample_fmt', 's16p'),
                 24: ('alac', '-sample_fmt', 's32p',
                      '-bits_per_raw_sample', '24')},
    'm4a aac': {16: ('aac', '-b:a', '160k')},
    'wv': {16: ('wavpack', '-sample_fmt', 's16p')},
    'mp3': {16: ('libmp3lame', '-q:a', '2', '-id3v2_version', '3')},
}


def ffmpeg(output, *arguments, stdin=None):
    folder, name = os.path.split(output)
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, '.partial.' + name)
    subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', *arguments,
                    '-bitexact', temporary], input=stdin, check=True)
    os.rename(temporary, output)


def save(output, data):
    os.makedirs(os.path.dirname(output), exist_ok=True)
    temporary = output + '.partial'
    with open(temporary, 'wb') as file:
        file.write(data)
    os.rename(temporary, output)


def save_cover(output, seed):
    data = cover.png(seed, 480)
    if output.lower().endswith('.png'):
        save(output, data)
    else:
        ffmpeg(output, '-f', 'png_pipe', '-i', 'pipe:0', '-pix_fmt',
               'yuvj420p', '-q:v', '3', stdin=data)


def save_track(output, track, seconds, picture):
    """`picture` is the file to embed, or None."""
    key, mode, tempo = track.music
    samples = music.render(track.tags['title'], track.rate, track.channels,
                           seconds, key, mode, tempo)
    extension = output.rsplit('.', 1)[1]
    codec = CODECS[f'{extension} {track.codec}'.strip()][track.bits]
    layout = {1: 'mono', 2: 'stereo', 6: '5.1'}[track.channels]
    arguments = ['-f', 'f32le', '-ar', str(track.rate), '-ac',
                 str(track.channels), '-channel_layout', layout,
                 '-i', 'pipe:0']
    if picture:
        arguments += ['-i', picture, '-map', '0:a', '-map', '1:v', '-c:v',
                      'copy', '-disposition:v:0', 'attached_pic']
    for name, value in track.tags.items():
        arguments += ['-metadata', f'{name}={value}']
    ffmpeg(output, *arguments, '-c:a', *codec, stdin=samples)

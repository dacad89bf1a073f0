"""What the encoders of FFmpeg and libsndfile can write, as a table.

A format is a container with a codec. Its limits say how exactly FFmpeg's own
decoding is met; formats that the FFmpeg at hand cannot write are left out.
"""
import dataclasses

RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400,
         192000)
MPEG = tuple(rate for rate in RATES if rate <= 48000)
OPUS = (48000,)


@dataclasses.dataclass(frozen=True)
class Format:
    name: str  # its end is the file's extension
    encode: str  # FFmpeg's options; or libsndfile's "FORMAT/SUBTYPE"
    rates: tuple = RATES
    channels: tuple = tuple(range(1, 9))
    error: float = 0  # how far samples may differ from FFmpeg's
    decode: str = ""  # FFmpeg's options for the reference
    padded: bool = False  # FFmpeg may give more behind the end
    tagged: bool = False  # an ID3v2 tag may stand in front
    sndfile: bool = False
    reference: str = "ffmpeg"  # or "sndfile", "speexdec"


def pcm(name, codecs, **more):
    """Plain ones, of which a few rates and channels say all."""
    limits = dict(rates=(8000, 44100, 96000, 192000), channels=(1, 2, 6, 8))
    return [Format(f"{codec}.{name}", f"-c:a {codec}", **{**limits, **more})
            for codec in codecs.split()]


WAV = "pcm_u8 pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_f64le"
BIG = "pcm_s8 pcm_s16be pcm_s24be pcm_s32be"

FORMATS = (
    pcm("wav", WAV, tagged=True)
    + pcm("wav", "pcm_alaw pcm_mulaw", rates=(8000, 44100), tagged=True)
    + pcm("w64", WAV)
    + pcm("aiff", BIG + " pcm_f32be pcm_f64be", tagged=True)
    + pcm("au", BIG + " pcm_f32be pcm_alaw")
    + pcm("caf", BIG + " pcm_s16le alac", channels=(1, 2))
    + pcm("mov", BIG + " pcm_s16le pcm_f32le", channels=(1, 2, 6))
    + pcm("voc", "pcm_u8 pcm_s16le", channels=(1, 2), rates=(8000, 44100))
    + pcm("mka", "pcm_s16le pcm_s24le pcm_f32le flac tta wavpack alac")
    + pcm("m4a", "alac")
    + pcm("mov", "alac")
    + pcm("tta", "tta", tagged=True)
    + pcm("wv", "wavpack")
    + pcm("flac", "flac", tagged=True)
    + [
        Format("24.flac", "-c:a flac -sample_fmt s32"),
        Format("flac.mp4", "-c:a flac -strict -2"),
        Format("flac.oga", "-c:a flac"),
        Format("24.m4a", "-c:a alac -sample_fmt s32p"),
        Format("plain.m4a", "-c:a alac -use_editlist 0"),
        Format("plain.mov", "-c:a pcm_s16le -use_editlist 0"),
        Format("plain.mp4", "-c:a flac -strict -2 -use_editlist 0"),
        Format("parts.m4a", "-c:a alac -movflags frag_keyframe+empty_moov "
               "-frag_duration 1000000"),
        Format("index.m4a", "-c:a alac -movflags +global_sidx+frag_keyframe"
               "+default_base_moof -frag_duration 1000000"),
        Format("thd.thd", "-c:a truehd -strict -2",
               rates=(44100, 48000, 96000, 192000), channels=(2, 6),
               padded=True),
        Format("mlp.mlp", "-c:a mlp -strict -2",
               rates=(44100, 48000, 96000, 192000), channels=(2,),
               padded=True),
        # lossy
        Format("lame.mp3", "-c:a libmp3lame", MPEG, (1, 2), tagged=True),
        Format("vbr.mp3", "-c:a libmp3lame -q:a 9", MPEG, (1, 2)),
        Format("bare.mp3", "-c:a libmp3lame -write_xing 0 -id3v2_version 0",
               MPEG, (1, 2), padded=True),
        Format("shine.mp3", "-c:a libshine", MPEG, (1, 2)),
        Format("mp3.mka", "-c:a libmp3lame", MPEG, (1, 2), padded=True),
        Format("mp3.mp4", "-c:a libmp3lame", (16000, 22050, 32000, 44100,
                                              48000), (1, 2), padded=True),
        Format("mp3.wav", "-c:a libmp3lame", MPEG, (1, 2), padded=True),
        Format("mp2.mp2", "-c:a mp2", (16000, 22050, 32000, 44100, 48000),
               (1, 2), decode="-c:a mp2float", padded=True),
        Format("aac.aac", "-c:a aac -aac_pns 0", tuple(RATES[:9]),
               (1, 2, 3, 4, 5, 6, 8), padded=True, tagged=True),
        Format("aac.m4a", "-c:a aac -aac_pns 0", tuple(RATES[:9]),
               (1, 2, 3, 4, 5, 6, 8), padded=True),
        Format("plain-aac.m4a", "-c:a aac -aac_pns 0 -use_editlist 0",
               tuple(RATES[:9]), (1, 2, 6), padded=True),
        Format("parts-aac.m4a", "-c:a aac -aac_pns 0 -movflags "
               "frag_keyframe+empty_moov -frag_duration 1000000",
               tuple(RATES[:9]), (1, 2, 6), padded=True),
        Format("index-aac.m4a", "-c:a aac -aac_pns 0 -movflags +global_sidx"
               "+frag_keyframe+default_base_moof -frag_duration 500000",
               tuple(RATES[:9]), (1, 2, 6), padded=True),
        Format("aac.latm", "-c:a aac -aac_pns 0 -f latm", tuple(RATES[:9]),
               (1, 2, 6), padded=True),
        Format("aac.mka", "-c:a aac -aac_pns 0", tuple(RATES[:9]),
               (1, 2, 6), padded=True),
        Format("ac3.ac3", "-c:a ac3", (32000, 44100, 48000),
               (1, 2, 3, 4, 5, 6), decode="-cons_noisegen 1", padded=True),
        Format("eac3.eac3", "-c:a eac3", (32000, 44100, 48000),
               (1, 2, 3, 4, 5, 6), decode="-cons_noisegen 1", padded=True),
        Format("ac3.m4a", "-c:a ac3", (32000, 44100, 48000), (1, 2, 6),
               decode="-cons_noisegen 1", padded=True),
        Format("ac3.mka", "-c:a ac3", (32000, 44100, 48000), (1, 2, 6),
               decode="-cons_noisegen 1", padded=True),
        Format("dts.dts", "-c:a dca -strict -2", (44100, 48000), (1, 2, 6),
               decode="-f dts", padded=True),
        Format("wmav1.wma", "-c:a wmav1", (8000, 16000, 22050, 32000, 44100,
                                           48000), (1, 2), padded=True),
        Format("wmav2.wma", "-c:a wmav2", (8000, 16000, 22050, 32000, 44100,
                                           48000), (1, 2), padded=True),
        # FFmpeg's demuxer spoils the end of short ones
        # (libsndfile keeps Vorbis' own order of more than two channels)
        Format("vorbis.ogg", "-c:a libvorbis", tuple(RATES[:9]), (1, 2),
               error=1e-4, reference="sndfile"),
        Format("vorbis.mka", "-c:a libvorbis", tuple(RATES[:9]),
               (1, 2, 6), padded=True),
        Format("vorbis.mp4", "-c:a libvorbis", MPEG, (1, 2), padded=True),
        Format("opus.opus", "-c:a libopus", OPUS, (1, 2, 6), error=1e-3,
               decode="-c:a libopus -request_sample_fmt flt", padded=True),
        Format("opus.mka", "-c:a libopus", OPUS, (1, 2, 6), error=1e-3,
               decode="-c:a libopus -request_sample_fmt flt", padded=True),
        Format("opus.mp4", "-c:a libopus", OPUS, (1, 2, 6), error=1e-3,
               decode="-c:a libopus -request_sample_fmt flt", padded=True),
        Format("plain-opus.mp4", "-c:a libopus -use_editlist 0", OPUS,
               (1, 2, 6), error=1e-3, padded=True,
               decode="-c:a libopus -request_sample_fmt flt"),
        Format("parts-opus.mp4", "-c:a libopus -movflags empty_moov "
               "-frag_duration 500000", OPUS, (1, 2, 6), error=1e-3,
               decode="-c:a libopus -request_sample_fmt flt", padded=True),
        # FFmpeg keeps what encoder and decoder look ahead
        Format("speex.spx", "-c:a libspeex", (8000, 16000, 32000), (1, 2),
               error=1e-4, reference="speexdec"),
        # codecs that never forget
        Format("ms.wav", "-c:a adpcm_ms", MPEG, (1, 2), padded=True),
        # FFmpeg rounds each step of it otherwise than the others
        Format("ima.wav", "-c:a adpcm_ima_wav", MPEG, (1, 2), error=5e-3,
               padded=True),
        Format("qt.mov", "-c:a adpcm_ima_qt", MPEG, (1, 2), padded=True),
        Format("g722.wav", "-c:a g722", (16000,), (1,), padded=True),
        Format("g726.wav", "-c:a g726 -b:a 32k", (8000,), (1,), padded=True),
        Format("gsm.wav", "-c:a libgsm_ms", (8000,), (1,), padded=True),
        Format("ra.rm", "-c:a real_144", (8000,), (1,), padded=True),
        Format("ac3.rm", "-c:a ac3", (44100, 48000), (2,),
               decode="-cons_noisegen 1", padded=True),
    ]
    + [Format(f"{subtype.lower()}-sf.{name}", f"{kind}/{subtype}",
              sndfile=True, **{"channels": (1, 2, 6, 8), **more},
              tagged=name in ("wav", "aiff"),
              reference="sndfile")
       for name, kind, subtypes, more in (
           ("wav", "WAV", "PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW",
            {}),
           ("x.wav", "WAVEX", "PCM_16 PCM_24", {}),
           ("rf64", "RF64", "PCM_16 FLOAT", {}),
           ("w64", "W64", "PCM_16 PCM_24 FLOAT", {}),
           ("aiff", "AIFF", "PCM_S8 PCM_16 PCM_24 PCM_32 FLOAT ULAW", {}),
           ("au", "AU", "PCM_16 PCM_24 FLOAT ULAW", {}),
           ("caf", "CAF", "PCM_16 PCM_24 FLOAT ALAC_16 ALAC_24", {}),
           ("flac", "FLAC", "PCM_S8 PCM_16 PCM_24", {}),
           ("ogg", "OGG", "VORBIS", dict(rates=tuple(RATES[:9]),
                                         channels=(1, 2),
                                         error=1e-4)),
           ("ima.wav", "WAV", "IMA_ADPCM MS_ADPCM GSM610",
            dict(rates=(8000, 22050, 44100), channels=(1,), padded=True)),
           ("au", "AU", "G721_32 G723_24",
            dict(rates=(8000,), channels=(1,))),
       ) for subtype in subtypes.split()]
)

# Cases that are not as they should be, and why that is left so.
KNOWN = {
    "mp3.mp4 22050 Hz x2 2.3 s":
        "FFmpeg's muxer tells 549 samples of a frame of 576, near the end",
    "thd.thd 44100 Hz x2 0.01 s":
        "FFmpeg knows it by its name: no sync is near the beginning",
    "mlp.mlp 44100 Hz x2 0.01 s":
        "FFmpeg knows it by its name: no sync is near the beginning",
}

"""Measure the memory that the largest accepted images take.

Each image is generated in one process and decoded in another, as an upload is: decoded, reduced,
encoded as the master and as one size. Prints the peak memory of the second process, which includes
Django.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

CASES: dict[str, tuple[str, tuple[int, int], str, dict[str, object]]] = {
    "jpeg 60 MP": ("JPEG", (10_000, 6_000), "RGB", {"quality": 90, "subsampling": 0}),
    "jpeg 24 MP progressive": (
        "JPEG",
        (6_000, 4_000),
        "RGB",
        {"quality": 90, "subsampling": 0, "progressive": True},
    ),
    "jpeg 60 MP print colours": ("JPEG", (10_000, 6_000), "CMYK", {"quality": 90}),
    "png 25 MP see-through": ("PNG", (5_000, 5_000), "RGBA", {"compress_level": 1}),
    "png 25 MP 16 bits": ("PNG", (5_000, 5_000), "I;16", {"compress_level": 1}),
    "webp 8.5 MP see-through": ("WEBP", (3_400, 2_500), "RGBA", {"lossless": True, "method": 0}),
    "avif 12 MP": ("AVIF", (4_000, 3_000), "RGB", {"speed": 10, "max_threads": 1}),
    "gif 16 MP": ("GIF", (4_000, 4_000), "P", {}),
}
LIMIT_MB = 300
PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in CASES:
            path = Path(folder) / "picture"
            run_step("generate", name, path)
            answer = run_step("decode", name, path)
            peak = int(answer.split()[0])
            worst = max(worst, peak)
            size = path.stat().st_size / 1_000_000
            print(f"{name:28} {size:6.1f} MB file  {peak:4d} MB memory  {answer.split(' ', 1)[1]}")
    print(f"{'worst':28} {worst:21d} MB, limit {LIMIT_MB}")
    return 0 if worst < LIMIT_MB else 1


def run_step(step: str, name: str, path: Path) -> str:
    command = [sys.executable, "-m", "tools.bench.image_memory", step, name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)  # noqa: S603
    return done.stdout.strip()


def generate(name: str, path: Path) -> None:
    kind, size, mode, options = CASES[name]
    Image.MAX_IMAGE_PIXELS = None
    tile = Image.radial_gradient("L").resize((500, 500))
    image = Image.new("L", size)
    for x in range(0, size[0], 500):
        for y in range(0, size[1], 500):
            image.paste(tile, (x, y))
    image.convert(mode).save(path, kind, **options)


def decode(path: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice_site.settings")
    import django

    django.setup()
    from pages.media import decoding, files

    result = ""
    try:
        decoded = decoding.decode_picture(path.read_bytes())
        files.encode_master(decoded.image)
        files.encode_variant(decoded.image, "800.jpg")
        result = f"{decoded.image.width} x {decoded.image.height}"
    except decoding.InvalidPicture as refused:
        result = str(refused)
    print(peak_mb(), result)


def peak_mb() -> int:
    """Return the peak memory of this process.

    On Linux getrusage() starts with the peak of the parent process; /proc has our own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000_000


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["decode"]:
        decode(Path(sys.argv[3]))
    else:
        sys.exit(main())

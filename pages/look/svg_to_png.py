"""Rasterize one SVG from standard input to a PNG on standard output, within tight limits.

Runs as a program of its own, started by `logos.py`: the library that draws may crash or hang on a
file made for that, and must then not take the site with it. Imports nothing of the site.
Arguments: width and height of the picture in pixels.
"""

import resource
import sys

MEMORY_BYTES = 400_000_000
CPU_SECONDS = 5


def main() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    import resvg_py

    # From here on no file can be opened, whatever the drawing refers to.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    png = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        width=int(sys.argv[1]),
        height=int(sys.argv[2]),
        skip_system_fonts=True,
    )
    sys.stdout.buffer.write(bytes(png))


if __name__ == "__main__":
    main()

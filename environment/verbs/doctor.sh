# doctor
#     Lists what is installed, what is missing and how to get it, which kernel and devices would be used, and which data
#     sets are here. Installs nothing. The exit status is 0 if `lab run` would work, otherwise 1.
# shellcheck shell=bash

main() {
  [[ $# -eq 0 ]] || fail "doctor takes no arguments, but got: $*"
  local able=0 python='' server
  python=$(runner_python) || true
  row "System" "$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-}"), $(nproc) cores, $(memory) memory"
  tool jdk "JDK" "$(java_version) in $(java_home)" || able=1
  tool maven "Maven" "$(maven_version)" || able=1
  tool runner "Jupyter (run)" "$(jupyter_versions "$python")" || able=1
  server=$(jupyter_server) || true
  tool server "Jupyter (notebook)" "${server:+$server $("jupyter-$server" --version 2>/dev/null)}" || true
  row "Library" "$(library)"
  row "Kernel" "$(kernel "$python")"
  row "PyTorch" "$(pytorch)"
  row "Devices" "$(devices)"
  row "Fashion-MNIST" "$(fashion)"
  row "CIFAR-10" "$(here cifar10 test_batch.bin)"
  row "CIFAR-100" "$(here cifar100 test.bin)"
  row "SVHN" "$(here svhn test_32x32.mat)"
  row "TinyStories" "$(here tinystories TinyStories-valid.txt)"
  row "Results" "$(results)" || able=1
  row "Disk" "$(df -h --output=avail "$GRAFS_HOME" | tail -1 | tr -d ' ') free here"
  if [[ $able -eq 0 ]]; then say "environment/lab run can work."; else say "environment/lab run cannot work yet."; fi
  return "$able"
}

# row NAME TEXT: prints a line of the list, a name and its text; fails if the text begins with MISSING.
row() {
  printf '%-20s %s\n' "$1" "$2"
  [[ $2 != MISSING* ]]
}

# tool NEED NAME TEXT: prints the line of a program. If the program is installed, the line has TEXT, which is its version.
# Otherwise the line says that the program is missing or does not start, and the function fails. NEED is one of the names
# in system.sh, such as jdk.
tool() {
  local crash=
  if has "$1"; then
    row "$2" "$3"
    return
  fi
  [[ $1 != maven ]] || crash=$(maven_crash)
  if [[ -n $crash ]]; then
    row "$2" "DOES NOT START: $crash"
    return 1
  else
    row "$2" "MISSING: $(describe "$1"). apt-get install --no-install-recommends $(packages "$1")"
  fi
}

memory() { awk '/MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo; }

jupyter_versions() {
  [[ -n $1 ]] || return 0
  "$1" -c 'import nbclient, nbconvert; print(f"nbclient {nbclient.__version__}, nbconvert {nbconvert.__version__}")'
  printf 'in %s\n' "$1"
}

library() {
  if [[ -f $STATE/lib/grafs.jar ]]; then
    local profile
    profile=$(cat "$STATE/lib/profile")
    echo "built $(date -r "$STATE/lib/grafs.jar" '+%F %H:%M')${profile:+ with Maven profile $profile}"
  else
    echo "not built yet: run does it"
  fi
}

kernel() {
  [[ -n $1 ]] || {
    echo "unknown until Jupyter is installed"
    return
  }
  "$1" "$ENVIRONMENT/kernelspec.py" --choice
}

devices() {
  local found
  found=$(gpus | sed 's/^\([0-9]*\), \(.*\), \(.*\), \(.*\)$/gpu:\1 \2, \3, driver \4/' | paste -sd ';')
  if [[ -z $found ]]; then
    echo "CPU; $(gpus_known)"
  elif [[ -n ${PYTORCH_LIBRARY_PATH:-} ]]; then
    echo "CPU; $found, with the PyTorch in $PYTORCH_LIBRARY_PATH, ${PYTORCH_FLAVOR:-flavour not said}"
  elif cuda_build; then
    echo "CPU; $found, with PyTorch for $(cuda_flavor)"
  else
    echo "CPU; $found: not used, since this build is for the CPU; set GRAFS_MAVEN_PROFILES=cuda, or see environment/README.md, GPU"
  fi
}

# The CUDA version, 12.8, of the PyTorch that users can install themselves in place of the one from Maven Central. The
# JAR file pytorch-jni, in the version djl.version of the root pom.xml, has native code for PyTorch with this CUDA
# version and for PyTorch without CUDA, and for no other.
readonly OWN_FLAVOR=cu128

# pytorch: prints which version of PyTorch's libraries the kit loads, and the version of DJL's JNI bridge, the native
# code through which Java calls PyTorch. A bridge fits one version of PyTorch. If PYTORCH_LIBRARY_PATH has a PyTorch of
# the user that the bridge does not fit, prints what to change.
pytorch() {
  local profile='' version bridge
  [[ ${GRAFS_MAVEN_PROFILES:-} != *cuda* ]] || profile=cuda
  version=$(of_pom pytorch.version "$profile")
  bridge="bridge of DJL $(of_pom djl.version "$profile")"
  if [[ -z ${PYTORCH_LIBRARY_PATH:-} ]]; then
    echo "$version, $(of_pom pytorch.flavor "$profile"), of Maven Central; $bridge. Central has CUDA builds up to $(cuda_flavor), which newer drivers run too; a GPU that needs a newer CUDA needs a PyTorch of your own, $(of_pom pytorch.version) for $OWN_FLAVOR: see environment/README.md, GPU"
    return
  fi
  printf '%s' "${PYTORCH_VERSION:-version not said}, ${PYTORCH_FLAVOR:-flavour not said}, in $PYTORCH_LIBRARY_PATH; $bridge"
  if [[ -n $profile ]]; then
    printf '%s' ", which is for PyTorch $version of Maven Central: for a PyTorch of your own, take cuda out of GRAFS_MAVEN_PROFILES"
  elif [[ ${PYTORCH_VERSION:-} != "$version" || ! ${PYTORCH_FLAVOR:-} =~ ^(cpu|$OWN_FLAVOR)$ ]]; then
    printf '%s' ", which fits PyTorch $version for $OWN_FLAVOR only: install that one, and set PYTORCH_VERSION=$version PYTORCH_FLAVOR=$OWN_FLAVOR"
  fi
  echo
}

# of_pom PROPERTY [PROFILE]: prints the value of a property of the root pom.xml: the value that the Maven profile sets,
# or the general value if the profile sets none.
of_pom() {
  local value=''
  [[ -z ${2:-} ]] || value=$(sed -n "/<id>$2</,/<\/profile>/s/.*<$1>\(.*\)<.*/\1/p" "$GRAFS_HOME/pom.xml")
  [[ -n $value ]] || value=$(sed -n "s/.*<$1>\(.*\)<.*/\1/p" "$GRAFS_HOME/pom.xml" | head -1)
  echo "$value"
}

# cuda_flavor: prints the CUDA version of the PyTorch that the Maven profile cuda takes, such as cu124.
cuda_flavor() { of_pom pytorch.flavor cuda; }

fashion() {
  local folder
  folder=$(fashion_mnist)
  echo "${folder:-not here: run installs Debian package $(packages fashion-mnist), or environment/lab data fashion-mnist downloads it}"
}

# here NAME FILE: prints the folder datasets/NAME of a data set if FILE is in it or in one of its subfolders; otherwise
# prints how to get the data set.
here() {
  local folder=$GRAFS_HOME/datasets/$1
  if [[ -f $folder/$2 ]] || compgen -G "$folder/*/$2" >/dev/null; then
    echo "$folder"
  else
    echo "not here: environment/lab data $1 downloads it"
  fi
}

results() {
  local folder=$RESULTS
  if [[ -w $folder || (! -e $folder && -w $(dirname "$folder")) ]]; then
    echo "$folder"
  else
    echo "MISSING: $folder is not writable"
  fi
}

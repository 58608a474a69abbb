# Finds the programs and files that the kit needs on this machine, and installs those that are missing. Five names stand
# for what can be needed: jdk; maven; runner, the Python modules of Jupyter that execute notebooks; server, JupyterLab or
# Jupyter Notebook; and fashion-mnist, the files of that data set. Sourced by lab.
# shellcheck shell=bash

# java_home: prints the folder of the JDK that Maven and the kernel use; nothing if there is none.
java_home() {
  local home
  if [[ -n ${JAVA_HOME:-} ]]; then
    printf '%s\n' "$JAVA_HOME"
  elif command -v javac >/dev/null; then
    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    # Version managers put a script on the PATH in place of javac. Then Java itself says where the JDK is.
    [[ -x $home/bin/javac ]] ||
      home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    printf '%s\n' "$home"
  fi
}

# java_version: prints the major version of the JDK in java_home; 0 if there is none.
java_version() {
  local home version
  home=$(java_home)
  [[ -n $home && -x $home/bin/javac ]] || {
    echo 0
    return
  }
  version=$("$home/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  echo "${version:-0}"
}

# maven_version: prints the version of Maven; nothing if it is not installed or does not start.
maven_version() {
  command -v mvn >/dev/null || return 0
  mvn -v 2>/dev/null | sed $'s/\x1b\\[[0-9;]*m//g' | sed -n 's/^Apache Maven \([0-9.]*\).*/\1/p'
}

# maven_crash: if Maven is installed but does not start, prints its error; otherwise prints nothing.
maven_crash() {
  local said
  command -v mvn >/dev/null || return 0
  said=$(mvn -v 2>&1) || printf '%s' "'mvn -v' ends with $?: $(tail -3 <<<"$said" | paste -sd ' ')"
}

# python_with MODULE…: prints the path of a Python that has all the modules. The Python of the command jupyter on the
# PATH comes first, so that the Jupyter which the user chose is the one that runs; python3 may be another Python.
python_with() {
  local program candidate
  for program in jupyter-nbconvert jupyter; do
    candidate=$(command -v "$program" 2>/dev/null) || continue
    candidate=$(sed -n '1s/^#! *\([^ ]*python[^ ]*\).*/\1/p' "$candidate" 2>/dev/null | tr -d '\0')
    [[ -n $candidate && -x $candidate ]] && can_import "$candidate" "$@" && {
      echo "$candidate"
      return
    }
  done
  for candidate in python3 /usr/bin/python3; do
    command -v "$candidate" >/dev/null && can_import "$candidate" "$@" && {
      command -v "$candidate"
      return
    }
  done
  return 1
}

# can_import PYTHON MODULE…: succeeds if PYTHON finds all the modules. It does not import them, since that would take a
# second.
can_import() {
  local python=$1
  shift
  "$python" -c 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))' "$@" 2>/dev/null
}

# runner_python: prints the path of the Python that executes notebooks.
runner_python() { python_with nbclient nbconvert nbformat jupyter_client; }

# jupyter_server: prints which program opens notebooks: lab, for JupyterLab, or notebook.
jupyter_server() {
  local server
  for server in lab notebook; do
    command -v "jupyter-$server" >/dev/null && {
      echo "$server"
      return
    }
  done
  return 1
}

# has NEED: succeeds if this machine has what is needed, such as a JDK 17 or later for jdk.
has() {
  case $1 in
    jdk) [[ $(java_version) -ge 17 ]] ;;
    maven) [[ $(printf '3.8\n%s\n' "$(maven_version)" | sort -V | head -1) == 3.8 ]] ;;
    runner) runner_python >/dev/null ;;
    server) jupyter_server >/dev/null ;;
    fashion-mnist) [[ -n $(fashion_mnist) ]] ;;
  esac
}

# packages NEED: prints the names of the Debian packages that have what is needed.
packages() {
  case $1 in
    jdk) echo default-jdk-headless ;;
    maven) echo maven ;;
    runner) echo jupyter-nbconvert python3-nbclient ;;
    server) echo jupyter-notebook ;;
    fashion-mnist) echo dataset-fashion-mnist ;;
  esac
}

# describe NEED: prints in words what is needed, for messages.
describe() {
  case $1 in
    jdk) echo "a JDK 17 or later$([[ -z ${JAVA_HOME:-} ]] || echo " (JAVA_HOME is $JAVA_HOME)")" ;;
    maven) echo "Maven 3.8 or later" ;;
    runner) echo "Jupyter's nbclient and nbconvert, in one Python" ;;
    server) echo "JupyterLab or Jupyter Notebook" ;;
    fashion-mnist) echo "the Fashion-MNIST files" ;;
  esac
}

# fashion_mnist: prints the folder that has the four files of Fashion-MNIST, with or without .gz; nothing if no folder
# has all of them.
fashion_mnist() {
  local folder file
  for folder in "$GRAFS_HOME/datasets/fashion-mnist" /usr/share/datasets/fashion-mnist; do
    for file in {train,t10k}-{images-idx3,labels-idx1}-ubyte; do
      [[ -f $folder/$file.gz || -f $folder/$file ]] || continue 2
    done
    echo "$folder"
    return
  done
}

# want_fashion_mnist: installs Fashion-MNIST if it is missing. If that fails, prints how to get it, and still succeeds.
want_fashion_mnist() {
  has fashion-mnist || apt_install dataset-fashion-mnist ||
    say "Fashion-MNIST is not here: notebooks that need it will fail. environment/lab data fashion-mnist downloads it."
}

# need NEED…: installs those of its arguments that are missing. If that fails, lists what to install, and exits with
# status 1.
need() {
  local each crash missing=() wanted=()
  for each in "$@"; do
    has "$each" || {
      [[ $each != maven ]] || crash=$(maven_crash)
      [[ -z ${crash:-} ]] || fail "Maven is installed ($(command -v mvn)), but does not start. $crash" 1
      missing+=("$each")
      read -ra each <<<"$(packages "$each")"
      wanted+=("${each[@]}")
    }
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  apt_install "${wanted[@]}" || true
  hash -r
  for each in "${missing[@]}"; do
    has "$each" || lacking "${missing[@]}"
  done
}

# lacking NEED…: lists those of its arguments that are still missing, with the command that installs them, and exits
# with status 1.
lacking() {
  local each
  {
    echo "lab: missing on this machine:"
    for each in "$@"; do
      has "$each" || echo "  $(describe "$each"): sudo apt-get install --no-install-recommends $(packages "$each")"
    done
    echo "Install them (or what your system has in their place) and run this again."
  } >&2
  exit 1
}

# apt_install PACKAGE…: installs Debian packages. Fails if the user is neither root nor has a sudo without a password.
apt_install() {
  local as_root=() log=$STATE/apt.log
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  say "Installing $*"
  mkdir -p "$STATE"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "$@")
  if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && "${install[@]}" >"$log" 2>&1; then
    return 0
  fi
  "${as_root[@]}" apt-get update -q >"$log" 2>&1 || true
  "${install[@]}" >>"$log" 2>&1 || {
    echo "lab: apt-get could not install them; the end of $log:" >&2
    tail -5 "$log" >&2
    return 1
  }
}

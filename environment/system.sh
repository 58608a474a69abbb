# What the kit needs of the machine: programs, Python modules and Debian packages. Sourced by lab.
# shellcheck shell=bash

# java_home: the JDK that Maven and the kernel use, empty if there is none.
java_home() {
  local home
  if [[ -n ${JAVA_HOME:-} ]]; then
    printf '%s\n' "$JAVA_HOME"
  elif command -v javac >/dev/null; then
    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    # Version managers put a script on the PATH in place of the program.
    [[ -x $home/bin/javac ]] ||
      home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    printf '%s\n' "$home"
  fi
}

# java_version: the major version of java_home's JDK, 0 if there is none.
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

maven_version() {
  command -v mvn >/dev/null || return 0
  mvn -v 2>/dev/null | sed $'s/\x1b\\[[0-9;]*m//g' | sed -n 's/^Apache Maven \([0-9.]*\).*/\1/p'
}

# maven_crash: the error of a Maven that is installed but does not start, otherwise empty.
maven_crash() {
  local said
  command -v mvn >/dev/null || return 0
  said=$(mvn -v 2>&1) || printf '%s' "'mvn -v' ends with $?: $(tail -3 <<<"$said" | paste -sd ' ')"
}

# python_with MODULE…: a Python that can import them. The one behind the jupyter on PATH comes first, so that a
# Jupyter the user chose is the one that runs; the first python3 on PATH may be another one.
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

# Finds the modules without importing them, since an import would take a second.
can_import() {
  local python=$1
  shift
  "$python" -c 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))' "$@" 2>/dev/null
}

runner_python() { python_with nbclient nbconvert nbformat jupyter_client; }

# jupyter_server: the subcommand of jupyter that opens notebooks.
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

# One line a need: how to see that it is met, and the Debian packages that meet it.
has() {
  case $1 in
    jdk) [[ $(java_version) -ge 17 ]] ;;
    maven) [[ $(printf '3.8\n%s\n' "$(maven_version)" | sort -V | head -1) == 3.8 ]] ;;
    runner) runner_python >/dev/null ;;
    server) jupyter_server >/dev/null ;;
    fashion-mnist) [[ -n $(fashion_mnist) ]] ;;
  esac
}

packages() {
  case $1 in
    jdk) echo default-jdk-headless ;;
    maven) echo maven ;;
    runner) echo jupyter-nbconvert python3-nbclient ;;
    server) echo jupyter-notebook ;;
    fashion-mnist) echo dataset-fashion-mnist ;;
  esac
}

describe() {
  case $1 in
    jdk) echo "a JDK 17 or later$([[ -z ${JAVA_HOME:-} ]] || echo " (JAVA_HOME is $JAVA_HOME)")" ;;
    maven) echo "Maven 3.8 or later" ;;
    runner) echo "Jupyter's nbclient and nbconvert, in one Python" ;;
    server) echo "JupyterLab or Jupyter Notebook" ;;
    fashion-mnist) echo "the Fashion-MNIST files" ;;
  esac
}

# fashion_mnist: prints the folder with its four files; nothing if there is none.
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

# want_fashion_mnist: installs Fashion-MNIST where it is missing, or says how to get it, and goes on.
want_fashion_mnist() {
  has fashion-mnist || apt_install dataset-fashion-mnist ||
    say "Fashion-MNIST is not here: notebooks on it will stop. environment/lab data fashion-mnist downloads it."
}

# need NEED…: installs what is missing, or says what to install and stops.
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

# lacking NEED…: says which of these are still missing and how to get them, and exits with status 1.
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

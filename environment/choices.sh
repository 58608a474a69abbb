# Reads and checks the arguments of verbs, the commands of environment/lab, such as run in `environment/lab run`.
# Sourced by lab.
# shellcheck shell=bash

readonly SCALES="smoke quick paper"
readonly DATA_SETS="fashion-mnist cifar10 cifar100 svhn tinystories toy-stories"

# read_options VERB WORD NAMES ARGUMENT…: stores the arguments of a verb in variables of the caller. The value of each
# option --NAME VALUE is assigned to the variable NAME, or appended to it if it is an array. An argument that is not an
# option is assigned to the variable whose name is WORD; if WORD is empty, there may be no such argument. Fails if an
# option is not among NAMES, if it has no value, or if there are two arguments that are not options.
read_options() {
  local verb=$1 word=$2 names=" $3 " option
  shift 3
  while [[ $# -gt 0 ]]; do
    if [[ $1 != -* ]]; then
      [[ -n $word ]] || fail "$verb takes no arguments, but got: $*"
      [[ -z ${!word} ]] || fail "$verb takes one $word, but got '${!word}' and '$1'"
      printf -v "$word" '%s' "$1"
      shift
      continue
    fi
    option=${1#--}
    [[ $1 == --* && $option =~ ^[a-z]+$ && $names == *" $option "* ]] || fail "$verb has no option '$1'; see: environment/lab ${verb%% *} --help"
    [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value"
    if [[ $(declare -p "$option") == 'declare -a'* ]]; then
      local -n list=$option
      list+=("$2")
    else
      printf -v "$option" '%s' "$2"
    fi
    shift 2
  done
}

# writable FOLDER: creates a folder for results unless it exists; fails if no files can be written to it.
writable() {
  mkdir -p "$1" 2>/dev/null || true
  [[ -d $1 && -w $1 ]] || fail "cannot write to $1: make it a writable folder, results are kept there"
}

# check_scale NAME: fails if NAME is not a scale, which sets the size of experiments.
check_scale() {
  [[ " $SCALES " == *" $1 "* ]] || fail "there is no scale '$1'. The scales are: $SCALES"
}

# find_data NAME|FOLDER|FILE: prints the name of a data set unchanged, and the absolute path of a folder or file. Fails
# if there is neither a data set of that name nor such a folder or file.
find_data() {
  if [[ " $DATA_SETS " == *" $1 "* ]]; then
    printf '%s\n' "$1"
  elif [[ -d $1 || -f $1 ]]; then
    realpath -s -- "$1"
  else
    fail "there is no data set '$1': neither one of $DATA_SETS nor a folder or file"
  fi
}

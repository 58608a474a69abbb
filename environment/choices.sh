# Reads and checks the arguments of verbs. Sourced by lab.
# shellcheck shell=bash

readonly SCALES="smoke quick paper"
readonly DATA_SETS="fashion-mnist cifar10 cifar100 svhn tinystories toy-stories"

# read_options VERB WORD NAMES ARGUMENT…: assigns the value of each option --NAME VALUE to the caller's variable NAME, or
# appends it if that is an array; assigns an argument that is no option to the caller's variable WORD. Fails if an option
# is not among NAMES or has no value, if there is a second such argument, or if there is one and WORD is empty.
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

# writable FOLDER: makes a folder for results; fails if that is not possible, or if the folder cannot be written to.
writable() {
  mkdir -p "$1" 2>/dev/null || true
  [[ -d $1 && -w $1 ]] || fail "cannot write to $1: make it a writable folder, results are kept there"
}

# check_scale NAME: fails if there is no scale of that name.
check_scale() {
  [[ " $SCALES " == *" $1 "* ]] || fail "there is no scale '$1'. The scales are: $SCALES"
}

# find_data NAME|FOLDER|FILE: prints the name of a data set unchanged, and a folder or file as an absolute path; fails
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

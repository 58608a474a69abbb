# The scales and data sets that can be given as arguments. Sourced by lab.
# shellcheck shell=bash

readonly SCALES="smoke quick paper"
readonly DATA_SETS="fashion-mnist cifar10 cifar100 svhn tinystories toy-stories"

# check_scale NAME: fails if there is no scale of that name.
check_scale() {
  [[ " $SCALES " == *" $1 "* ]] || fail "there is no scale '$1'. The scales are: $SCALES"
}

# find_data NAME|FOLDER|FILE: prints the name of a data set unchanged, and a folder or file as an absolute path; fails
# if there is neither a data set of that name nor such a folder or file.
find_data() {
  if [[ " $DATA_SETS " == *" $1 "* ]]; then
    printf '%s\n' "$1"
  elif [[ -d $1 ]]; then
    (cd -- "$1" && pwd)
  elif [[ -f $1 ]]; then
    printf '%s/%s\n' "$(cd -- "$(dirname -- "$1")" && pwd)" "$(basename -- "$1")"
  else
    fail "there is no data set '$1': neither one of $DATA_SETS nor a folder or file"
  fi
}

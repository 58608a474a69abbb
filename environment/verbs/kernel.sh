# kernel IJAVA.zip | default
#     Installs the Java kernel IJava from the zip file of a release (https://github.com/SpencerPark/IJava/releases) for
#     this checkout only. Notebooks then run on IJava; `kernel default` removes it again.
# shellcheck shell=bash

main() {
  [[ $# -eq 1 ]] || fail "kernel takes one argument: the release file of IJava, or 'default'"
  if [[ $1 == default ]]; then
    rm -rf "$STATE/ijava"
    say "IJava of this checkout is removed; notebooks run on the kernel that lab chooses."
    return
  fi
  [[ -f $1 ]] || fail "there is no file '$1'. IJava's releases: https://github.com/SpencerPark/IJava/releases"
  need jdk maven runner
  "$(runner_python)" "$ENVIRONMENT/ijava.py" "$1" "$STATE/ijava" || exit $?
  prepare_kernel
  say "Notebooks of this checkout now run on $KERNEL_LABEL. Back to the default: environment/lab kernel default"
}

# data [NAME…]
#     Lists the published data sets and what of them is here (all of it is read, to see that it is whole), or downloads
#     those named into datasets/NAME/: continues what broke off, checks size and checksum, unpacks. Without a network it
#     says what to put where by hand, and the same command checks and unpacks that.
# shellcheck shell=bash

main() {
  local name terminal=()
  for name in "$@"; do
    [[ $name != -* ]] || fail "data has no option '$name'; see: environment/lab data --help"
  done
  [[ ! -t 1 ]] || terminal=(--terminal)
  need jdk maven
  mkdir -p "$STATE"
  # Two commands may start at once: one of them builds, the other waits and uses the same build.
  exec 9>"$STATE/lock"
  flock 9
  build_library
  flock -u 9
  exec 9>&-
  # exec: Ctrl-C and kill reach the process that downloads.
  exec "$(java_home)/bin/java" -cp "$STATE/lib/grafs.jar:$(cat "$STATE/lib/classpath.txt")" \
    grafs.data.DataCommand ${terminal[@]+"${terminal[@]}"} "$@"
}

# data [NAME…]
#     Without names, lists the published data sets and which of them are here; their files are read in full to check
#     that they are undamaged. With names, downloads these data sets into datasets/NAME/: resumes an interrupted
#     download, checks size and checksum, and unpacks. Without a network it says which file to put where; the same
#     command then checks and unpacks that file.
# shellcheck shell=bash

main() {
  local name terminal=()
  for name in "$@"; do
    [[ $name != -* ]] || fail "data has no option '$name'; see: environment/lab data --help"
  done
  [[ ! -t 1 ]] || terminal=(--terminal)
  need jdk maven
  ready library
  # exec replaces this shell by Java, so that Ctrl-C and kill reach the process that downloads.
  exec "$(java_home)/bin/java" -cp "$STATE/lib/grafs.jar:$(cat "$STATE/lib/classpath.txt")" \
    grafs.data.DataCommand ${terminal[@]+"${terminal[@]}"} "$@"
}

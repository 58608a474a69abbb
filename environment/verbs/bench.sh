# bench [--batch N] [--quick] [--device cpu|gpu|gpu:N]
#     Measures what activations, the activation cell and a whole search step cost, prints a table, writes it as CSV under
#     results/bench/ and ends with one line a ratio, NAME: NUMBER. Takes 5 minutes on a machine that does nothing else.
#     Where python3 has PyTorch, a training step is compared with one of the same network there.
#     --batch: the batch size of the steps, 64 if not told otherwise
#     --quick: a few samples of each in two minutes, to see that it runs; its figures mean nothing
# bench gpu [--batches N,…]
#     Asks of a GPU what the kit promises of one, a line each, in ten minutes: whether searches go the way they go on the
#     CPU, whether one that was killed ends with the same bits, what steps cost beside each other and beside PyTorch's
#     own, how much of the GPU's memory they hold, and how long the paper's search would take. Writes the lines as CSV
#     under results/bench/. A line that fails keeps no other from being asked; the status is then 1. Without a GPU, the
#     CPU computes in the way of one, which takes long and shows only that the check works.
#     --batches: the batch sizes of the steps, 64,256,512 if not told otherwise
# bench search [--seeds A-B] [--teachers NAME,…] [--methods NAME,…|all] [--variants wide,paper,deep] [--processes N]
#     Searches for activations that were planted in teachers, trains networks with what is found, prints tables and ends
#     with planted_gain_share, planted_r_worst, planted_r_kept_share and planted_recovered, each NAME: NUMBER. Finished
#     searches are kept in results/planted/ and not run again.
#     --seeds: 101-105 if not told otherwise; settings were chosen on 1-3, and results of 101-105 have been seen since.
#     Those of README are of 401-405, on which nothing was chosen
#     --teachers: relu, leaky_relu, silu, gelu, tanh, sin, abs, x2, relu2, gauss, xtanh, asinh, softplus; otherwise all
#     --methods: full if not told otherwise; all: without each technique, joint levels, second order, DARTS, by trial
#     --variants: the space searched, or in it networks of two hidden layers; wide if not told otherwise
# shellcheck shell=bash

main() {
  case ${1:-} in
    search | gpu)
      "bench_$1" "${@:2}"
      ;;
    *) bench_costs "$@" ;;
  esac
}

bench_search() {
  local seeds=101-105 teachers=all methods=full variants=wide processes=2 scale=quick results=${GRAFS_RESULTS:-$GRAFS_HOME/results}/planted
  while [[ $# -gt 0 ]]; do
    case $1 in
      --seeds | --teachers | --methods | --variants | --processes | --scale)
        [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value"
        printf -v "${1#--}" '%s' "$2"
        shift 2
        ;;
      -*) fail "bench search has no option '$1'; see: environment/lab bench --help" ;;
      *) fail "bench search takes no arguments, but got: $*" ;;
    esac
  done
  [[ $seeds =~ ^[0-9]{1,9}(-[0-9]{1,9})?$ ]] || fail "--seeds must be A-B, but is '$seeds'"
  [[ $seeds == *-* ]] || seeds=$seeds-$seeds
  [[ $processes =~ ^[1-9][0-9]?$ ]] || fail "--processes must be a number from 1 on, but is '$processes'"
  mkdir -p "$results" 2>/dev/null || true
  [[ -d $results && -w $results ]] ||
    fail "cannot write to $results: make it a writable folder, results are kept there"
  need jdk maven
  mkdir -p "$STATE"
  exec 9>"$STATE/lock"
  flock 9
  build_library
  flock -u 9
  exec 9>&-
  native_settings
  OPT_OUT_TRACKING=true exec "$(java_home)/bin/java" -Djava.awt.headless=true \
    -cp "$STATE/lib/grafs.jar:$(cat "$STATE/lib/classpath.txt")" grafs.study.SearchBench --folder "$results" \
    --seeds "$seeds" --teachers "$teachers" --methods "$methods" --variants "$variants" --scale "$scale" \
    --processes "$processes"
}

bench_gpu() {
  local batches=64,256,512
  while [[ $# -gt 0 ]]; do
    case $1 in
      --batches)
        [[ ${2:-} =~ ^[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*$ ]] ||
          fail "--batches must be numbers from 1 on with commas between, but is '${2:-}'"
        batches=$2
        shift 2
        ;;
      -*) fail "bench gpu has no option '$1'; see: environment/lab bench --help" ;;
      *) fail "bench gpu takes no arguments, but got: $*" ;;
    esac
  done
  run_benchmarks grafs.bench.GpuCheck "$batches"
}

bench_costs() {
  local quick=() batch=64 device=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      --quick) quick=(quick) ;;
      --batch | --device)
        [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value"
        printf -v "${1#--}" '%s' "$2"
        shift
        ;;
      -*) fail "bench has no option '$1'; see: environment/lab bench --help" ;;
      *) fail "bench takes no arguments, but got: $*" ;;
    esac
    shift
  done
  [[ $batch =~ ^[1-9][0-9]{0,4}$ ]] || fail "--batch must be a number from 1 on, but is '$batch'"
  use_device "$device"
  run_benchmarks grafs.bench.Benchmarks "$batch" ${quick[@]+"${quick[@]}"}
}

# run_benchmarks CLASS ARGUMENT…: builds a copy of the library with its tests and runs a class of it.
run_benchmarks() {
  local results=$GRAFS_HOME/results/bench built=$STATE/bench
  mkdir -p "$results" 2>/dev/null || true
  [[ -d $results && -w $results ]] ||
    fail "cannot write to $results: make it a writable folder, results are kept there"
  need jdk maven
  mkdir -p "$built" "$STATE/logs"
  exec 9>"$STATE/lock"
  flock 9
  say "Building the benchmarks"
  maven -q -f "$GRAFS_HOME/pom.xml" ${GRAFS_MAVEN_PROFILES:+"-P$GRAFS_MAVEN_PROFILES"} -pl lib \
    test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$built/classpath.txt" ||
    fail "the benchmarks do not build; the errors are above" 1
  # Runs a copy, so that a build during the measurement does not change what is measured.
  rm -rf "$built/classes" "$built/test-classes"
  cp -r "$GRAFS_HOME/lib/target/classes" "$GRAFS_HOME/lib/target/test-classes" "$built"
  flock -u 9
  exec 9>&-
  native_settings
  OPT_OUT_TRACKING=true exec "$(java_home)/bin/java" \
    -cp "$built/test-classes:$built/classes:$(cat "$built/classpath.txt")" \
    "$1" "$results" "$STATE/logs/bench.log" "$GRAFS_HOME/lib" "${@:2}"
}

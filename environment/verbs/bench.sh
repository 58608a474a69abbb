# bench [--batch N] [--quick] [--device cpu|gpu|gpu:N]
#     Measures the time of activations, of the cell (the mixture of operations that a search trains in place of an
#     activation), of training steps and of search steps. Prints a table, writes it as CSV to results/bench/, and ends
#     with ratios of these times, a line NAME: NUMBER each. Takes 5 minutes on a machine that does nothing else. If
#     python3 has PyTorch, a training step is also compared with one of the same network in PyTorch.
#     --batch: the batch size of the steps, by default 64
#     --quick: takes few samples, in two minutes, to test that the benchmarks work; the numbers mean nothing
# bench gpu [--batches N,…]
#     Checks a GPU in ten minutes: whether searches have the same losses as on the CPU; whether a search that was killed
#     and resumed gives the same result, bit for bit; how much time training and search steps take, relative to each
#     other and to steps in PyTorch for Python; how much of the GPU's memory they use; and how many hours the paper's
#     search would take. Prints a line for each check, and writes the lines as CSV to results/bench/. If a check fails,
#     the others still run, and the exit status is 1. Without a GPU, the CPU runs the code for GPUs; this takes long, and
#     shows only that the checks themselves work.
#     --batches: the batch sizes of the steps, by default 64,256,512
# bench search [--seeds A-B] [--teachers NAME,…] [--methods NAME,…|all] [--variants wide,paper,deep] [--processes N]
#       [--verification on|off] [--scale smoke|quick]
#     Tests whether searches find a known activation. A small network with that activation, the teacher, computes the
#     targets of a regression, which another network, the student, learns. A search looks for the best activation of the
#     student, and then students are trained with the function found. Prints tables, and ends with four scores, a line
#     NAME: NUMBER each. r is a student's error on test points divided by the error of a student with ReLU:
#     planted_gain_share: log r of the function found divided by log r of the teacher's activation, limited to [-1, 1];
#     the mean over searches in which the teacher's activation has r of at most 0.8
#     planted_r_worst: the largest r of a function found
#     planted_r_kept_share: the share of searches in which r of the function found is at most 1.05
#     planted_recovered: the share of a teacher's searches that find the teacher's activation, or a function very near
#     it; the lowest share among the teachers sin, tanh and gauss
#     Finished searches are kept in results/planted/ and not run again.
#     --seeds: the seeds of the searches, by default 101-105. The settings of the kit's method were chosen by its results
#     with seeds 1-3, and its results with 101-105 were seen meanwhile. So neither is an independent test. The scores in
#     README.md are of seeds 401-405, on which no number was tuned, see results/reference/README.md
#     --teachers: the known activations, by default all: relu, leaky_relu, silu, gelu, tanh, sin, abs, x2, relu2, gauss,
#     xtanh, asinh, softplus
#     --methods: the search methods, by default full, the kit's own. all: full, full without each one of its techniques,
#     other variants of full, DARTS, DrNAS, random search and evolution. The class grafs.study.Method describes each
#     --variants: by default wide, a larger search space than the paper's. paper: the paper's. deep: the wide one, and
#     networks with two hidden layers in place of one
#     --processes: the number of processes that share the work, by default 2
#     --verification: on, the default: at its end, a search compares its best functions and ReLU by short trainings.
#     off: a search ends with the function of its best epoch, to measure what each technique does for the search alone
#     --scale: by default quick. smoke: short searches with small networks, to test that this command works; the numbers
#     mean nothing
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
  local seeds=101-105 teachers=all methods=full variants=wide processes=2 scale=quick verification=on
  local results=$RESULTS/planted
  read_options "bench search" "" "seeds teachers methods variants processes scale verification" "$@"
  [[ $seeds =~ ^[0-9]{1,9}(-[0-9]{1,9})?$ ]] || fail "--seeds must be A-B, but is '$seeds'"
  [[ $seeds == *-* ]] || seeds=$seeds-$seeds
  [[ $verification == on || $verification == off ]] || fail "--verification must be on or off, but is '$verification'"
  [[ $processes =~ ^[1-9][0-9]?$ ]] || fail "--processes must be a number from 1 on, but is '$processes'"
  writable "$results"
  need jdk maven
  ready library
  native_settings
  OPT_OUT_TRACKING=true exec "$(java_home)/bin/java" -Djava.awt.headless=true \
    -cp "$STATE/lib/grafs.jar:$(cat "$STATE/lib/classpath.txt")" grafs.study.SearchBench --folder "$results" \
    --seeds "$seeds" --teachers "$teachers" --methods "$methods" --variants "$variants" --scale "$scale" \
    --processes "$processes" --verification "$verification"
}

bench_gpu() {
  local batches=64,256,512
  read_options "bench gpu" "" "batches" "$@"
  [[ $batches =~ ^[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*$ ]] ||
    fail "--batches must be numbers from 1 on with commas between, but is '$batches'"
  [[ -z $(gpus) ]] || need_cuda_build
  run_benchmarks grafs.bench.GpuCheck "$batches"
}

bench_costs() {
  local quick=() others=() batch=64 device='' each
  for each in "$@"; do
    if [[ $each == --quick ]]; then quick=(quick); else others+=("$each"); fi
  done
  read_options bench "" "batch device" ${others[@]+"${others[@]}"}
  [[ $batch =~ ^[1-9][0-9]{0,4}$ ]] || fail "--batch must be a number from 1 on, but is '$batch'"
  use_device "$device"
  run_benchmarks grafs.bench.Benchmarks "$batch" ${quick[@]+"${quick[@]}"}
}

# run_benchmarks CLASS ARGUMENT…: builds the library and its tests, and runs a class of the tests on a copy of both.
run_benchmarks() {
  local results=$RESULTS/bench built=$STATE/bench
  writable "$results"
  need jdk maven
  mkdir -p "$built" "$STATE/logs"
  locked build_benchmarks "$built"
  native_settings
  OPT_OUT_TRACKING=true exec "$(java_home)/bin/java" \
    -cp "$built/test-classes:$built/classes:$(cat "$built/classpath.txt")" \
    "$1" "$results" "$STATE/logs/bench.log" "$GRAFS_HOME/lib" "${@:2}"
}

# build_benchmarks FOLDER: builds the library and its tests, and copies both into the folder, so that another build during
# the measurement does not change what is measured.
build_benchmarks() {
  local built=$1
  say "Building the benchmarks"
  maven -q -f "$GRAFS_HOME/pom.xml" ${GRAFS_MAVEN_PROFILES:+"-P$GRAFS_MAVEN_PROFILES"} -pl lib \
    test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$built/classpath.txt" ||
    fail "the benchmarks do not build; the errors are above" 1
  rm -rf "$built/classes" "$built/test-classes"
  cp -r "$GRAFS_HOME/lib/target/classes" "$GRAFS_HOME/lib/target/test-classes" "$built"
}

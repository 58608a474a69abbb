# sweep NAME [--runner processes|local|spark] [--scale smoke|quick|paper] [--data NAME|FOLDER|FILE[,…]] [--seeds N]
#       [--processes N] [--threads N] [--retries N] [--device cpu|gpu|gpu:N] [--master URL] [--conf KEY=VALUE]…
#     Runs the paper's experiments with a family of networks: N searches, and trainings with each baseline and each
#     function found, with N seeds. What is complete is not run again; 04_paper_tables shows what is there.
#     NAME: resnet, vit or gpt for the network that is searched on; resnet-tables, vit-tables or gpt-tables for the
#     larger networks and the other data sets too (the first of --data is searched on)
#     evidence; or gpt-evidence, vit-evidence, resnet-evidence alone: what is found against the paper's baselines and
#     stronger ones, each at its own best of a few learning rates, chosen on held-out training examples; N trainings of
#     each activation, 5 if not told otherwise, and as many searches, at most 5; then the default and the best activation
#     that a search ended with on the next larger network and the other data
#     --runner: several processes, each with one trial at a time, a GPU for each where there are some; this process,
#     one trial after another; the Spark cluster at URL, see environment/cluster.md
#     --threads: of each trial, 1 if not told otherwise; results depend on it, not on the runner
#     --retries: further attempts for a trial that fails, 1 if not told otherwise
#     --conf: a setting of Spark's
# shellcheck shell=bash

readonly SWEEPS="resnet vit gpt resnet-tables vit-tables gpt-tables evidence resnet-evidence vit-evidence gpt-evidence"
readonly RUNNERS="processes local spark"

main() {
  local name='' runner=processes scale=quick data='' seeds='' processes='' threads=1 retries='' device='' master=''
  local conf=() options=() each
  while [[ $# -gt 0 ]]; do
    case $1 in
      --runner | --scale | --data | --seeds | --processes | --threads | --retries | --device | --master)
        [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value"
        printf -v "${1#--}" '%s' "$2"
        shift 2
        ;;
      --conf)
        [[ ${2:-} == spark.*=* ]] || fail "--conf needs a setting of Spark's, such as spark.executor.cores=2"
        conf+=("-D$2")
        shift 2
        ;;
      -*) fail "sweep has no option '$1'; see: environment/lab sweep --help" ;;
      *)
        [[ -z $name ]] || fail "sweep takes one name, but got '$name' and '$1'"
        name=$1
        shift
        ;;
    esac
  done
  [[ -n $name ]] || fail "sweep needs a name. The sweeps are: $SWEEPS"
  [[ " $SWEEPS " == *" $name "* ]] || fail "there is no sweep '$name'. The sweeps are: $SWEEPS"
  [[ " $RUNNERS " == *" $runner "* ]] || fail "there is no runner '$runner'. The runners are: $RUNNERS"
  [[ $runner == spark || (-z $master && ${#conf[@]} -eq 0) ]] || fail "--master and --conf are for --runner spark"
  [[ $runner != spark || -n $master ]] || fail "--runner spark needs --master, such as spark://HOST:7077 or local[2]"
  check_scale "$scale"
  for each in seeds processes threads; do
    [[ -z ${!each} || ${!each} =~ ^[1-9][0-9]{0,5}$ ]] || fail "--$each must be a number from 1 on, but is '${!each}'"
  done
  [[ -z $retries || $retries =~ ^[0-9]{1,3}$ ]] || fail "--retries must be a number, but is '$retries'"
  if [[ -n $data ]]; then
    data=$(find_all "$data")
    [[ $name != evidence ]] || fail "evidence is on images and texts; for data of your own take resnet-evidence, vit-evidence or gpt-evidence"
    [[ $name == *-tables || $name == *-evidence || $data != *,* ]] || fail "$name is on one data set; $name-tables is on several"
    options+=(--data "$data")
  fi
  use_device "$device"
  for each in seeds processes retries; do
    [[ -z ${!each} ]] || options+=("--$each" "${!each}")
  done
  [[ ! -t 1 ]] || options+=(--terminal yes)

  local needs=(jdk maven)
  [[ $name == gpt* || $scale == paper || -n $data && ,$data, != *,fashion-mnist,* ]] || needs+=(fashion-mnist)
  need "${needs[@]}"
  mkdir -p "$STATE"
  # Two sweeps may start at once: one of them builds, the other waits and uses the same build.
  exec 9>"$STATE/lock"
  flock 9
  build_library
  [[ $runner != spark ]] || build_spark
  flock -u 9
  exec 9>&-

  local main=grafs.sweep.SweepCommand java=()
  # The library's class path, for the processes that this one starts.
  GRAFS_CLASSPATH=$(library):$(cat "$STATE/lib/classpath.txt")
  local classpath=$GRAFS_CLASSPATH
  export GRAFS_CLASSPATH OPT_OUT_TRACKING=true
  native_settings
  case $runner in
    local)
      # As the processes of the other runners have it.
      java+=("-XX:ActiveProcessorCount=$threads" -XX:MaxRAMPercentage=35)
      export OMP_NUM_THREADS=$threads MKL_NUM_THREADS=$threads
      ;;
    spark)
      main=grafs.sweep.spark.SparkRunner
      java+=("@$GRAFS_HOME/lib/spark/java.options" "-Dspark.master=$master" ${conf[@]+"${conf[@]}"})
      classpath=$STATE/spark/grafs-spark.jar:$(library):$(cat "$STATE/spark/classpath.txt")
      ;;
  esac
  [[ -z ${GRAFS_HEAP:-} ]] || java+=("-Xmx$GRAFS_HEAP")
  # exec: Ctrl-C and kill reach the process that runs.
  exec "$(java_home)/bin/java" -Djava.awt.headless=true "${java[@]}" -cp "$classpath" "$main" \
    "$name" --runner "$runner" --scale "$scale" --threads "$threads" "${options[@]}"
}

# find_all NAME|FOLDER|FILE,…: the same with absolute paths.
find_all() {
  local all each found=''
  IFS=, read -ra all <<<"$1"
  for each in "${all[@]}"; do
    each=$(find_data "$each") || exit $?
    found+=${found:+,}$each
  done
  printf '%s\n' "$found"
}

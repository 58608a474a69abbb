# sweep NAME [--runner processes|local|spark] [--scale smoke|quick|paper] [--data NAME|FOLDER|FILE[,…]] [--seeds N]
#       [--processes N] [--threads N] [--retries N] [--device cpu|gpu|gpu:N] [--master URL] [--conf KEY=VALUE]…
#     Runs many searches for activation functions, and trainings with functions, called trials. Complete trials are not
#     run again, and interrupted ones are resumed. `lab run 04_paper_tables` shows the results.
#     NAME: resnet, vit or gpt: the paper's experiments with one family of networks: N searches on its smallest network,
#     and N trainings of that network with each baseline (a known activation of the paper) and each function found
#     resnet-tables, vit-tables or gpt-tables: the same, and trainings of the larger networks and on the other data sets
#     (the searches use the first one of --data)
#     resnet-evidence, vit-evidence or gpt-evidence: compares the functions found with known activations, which are the
#     paper's baselines and further ones. Each activation has its own best learning rate, chosen on held-out training
#     examples. N searches, at most 5; N trainings with each activation; and trainings of the next larger network and on
#     the other data sets, with the default activation and the best one that a search ended with
#     evidence: these comparisons for all three families
#     --seeds: the number N above; the N searches or trainings have the seeds 1 to N. By default 5 for evidence,
#     otherwise 1 at smoke, 2 at quick and 5 at paper
#     --runner: how trials run. processes, the default: each trial in a process of its own, several at once: as many as
#     --processes says, by default one for each GPU or, without a GPU, as many as processors and memory allow. local: one
#     trial after another in a single process. spark: on the Spark cluster whose master is --master, see
#     environment/cluster.md
#     --threads: the number of threads of each trial, by default 1; results depend on it, but not on the runner
#     --retries: the number of further attempts for a trial that fails, by default 1
#     --conf: a setting of Spark, such as spark.executor.cores=2
# shellcheck shell=bash

readonly SWEEPS="resnet vit gpt resnet-tables vit-tables gpt-tables evidence resnet-evidence vit-evidence gpt-evidence"
readonly RUNNERS="processes local spark"

main() {
  local name='' runner=processes scale=quick data='' seeds='' processes='' threads=1 retries='' device='' master=''
  local conf=() options=() each
  read_options sweep name "runner scale data seeds processes threads retries device master conf" "$@"
  [[ -n $name ]] || fail "sweep needs a name. The sweeps are: $SWEEPS"
  [[ " $SWEEPS " == *" $name "* ]] || fail "there is no sweep '$name'. The sweeps are: $SWEEPS"
  [[ " $RUNNERS " == *" $runner "* ]] || fail "there is no runner '$runner'. The runners are: $RUNNERS"
  for each in ${conf[@]+"${conf[@]}"}; do
    [[ $each == spark.*=* ]] || fail "--conf needs a setting of Spark's, such as spark.executor.cores=2, not '$each'"
  done
  [[ $runner == processes || -z $processes ]] || fail "--processes is for --runner processes"
  [[ $runner == spark || (-z $master && ${#conf[@]} -eq 0) ]] || fail "--master and --conf are for --runner spark"
  [[ $runner != spark || -n $master ]] || fail "--runner spark needs --master, such as spark://HOST:7077 or local[2]"
  check_scale "$scale"
  for each in seeds processes threads; do
    [[ -z ${!each} || ${!each} =~ ^[1-9][0-9]{0,5}$ ]] || fail "--$each must be a number from 1 on, but is '${!each}'"
  done
  [[ -z $retries || $retries =~ ^[0-9]{1,3}$ ]] || fail "--retries must be a number, but is '$retries'"
  if [[ -n $data ]]; then
    data=$(find_all "$data")
    [[ $name != evidence ]] || fail "evidence needs images and a text, so it takes no --data; use resnet-evidence, vit-evidence or gpt-evidence"
    [[ $name == *-tables || $name == *-evidence || $data != *,* ]] || fail "$name takes one data set; $name-tables takes several"
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
  ready library
  [[ $runner != spark ]] || ready spark

  local main=grafs.sweep.SweepCommand java=()
  # The class path with which the sweep starts the processes of its trials.
  GRAFS_CLASSPATH=$(library):$(cat "$STATE/lib/classpath.txt")
  local classpath=$GRAFS_CLASSPATH
  export GRAFS_CLASSPATH OPT_OUT_TRACKING=true
  native_settings
  case $runner in
    local)
      # The same limits of threads and memory as in the processes that the other runners start for trials.
      java+=("-XX:ActiveProcessorCount=$threads" -XX:MaxRAMPercentage=35)
      export OMP_NUM_THREADS=$threads MKL_NUM_THREADS=$threads
      ;;
    spark)
      main=grafs.sweep.spark.SparkRunner
      java+=("@$GRAFS_HOME/lib/spark/java.options" "-Dspark.master=$master" ${conf[@]+"${conf[@]/#/-D}"})
      classpath=$STATE/spark/grafs-spark.jar:$(library):$(cat "$STATE/spark/classpath.txt")
      ;;
  esac
  [[ -z ${GRAFS_HEAP:-} ]] || java+=("-Xmx$GRAFS_HEAP")
  # exec replaces this shell by Java, so that Ctrl-C and kill reach the process that runs the sweep.
  exec "$(java_home)/bin/java" -Djava.awt.headless=true "${java[@]}" -cp "$classpath" "$main" \
    "$name" --runner "$runner" --scale "$scale" --threads "$threads" "${options[@]}"
}

# find_all NAME|FOLDER|FILE,…: prints the list of data sets, with folders and files as absolute paths. Fails if find_data
# does not find one of them.
find_all() {
  local all each found=''
  IFS=, read -ra all <<<"$1"
  for each in "${all[@]}"; do
    each=$(find_data "$each") || exit $?
    found+=${found:+,}$each
  done
  printf '%s\n' "$found"
}

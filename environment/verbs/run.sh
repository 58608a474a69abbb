# run [NOTEBOOK|PATH.ipynb] [--scale smoke|quick|paper] [--data NAME|FOLDER|FILE] [--seed N] [--device cpu|gpu|gpu:N]
#       [--kernel NAME]
#     Runs a notebook from top to bottom, and writes it with its outputs to results/notebooks/, as .ipynb and as an
#     .html file that needs no network.
#     NOTEBOOK: the name of a notebook of the kit, by default 01_resnet20_cifar10
#     PATH.ipynb: a notebook of your own, in any folder; the folder of its results has the notebook's name, with -own
#     added if a notebook of the kit has the same name
#     --scale: the size of the experiments: smoke, which only tests that everything works; quick, the default, which
#     takes minutes; paper, the numbers of the paper
#     --data: for images fashion-mnist, cifar10, cifar100, svhn, or a folder with files in the format of one of these;
#     for texts tinystories, toy-stories, or a UTF-8 text file
#     --seed: an integer, from which the notebook's random numbers are computed
#     --device: the device that computes, by default the first GPU that can be used, otherwise the CPU
#     --kernel: the name of an installed Java kernel, in place of the one that the kit chooses
# shellcheck shell=bash

readonly DEFAULT_NOTEBOOK=01_resnet20_cifar10

main() {
  local notebook='' scale=quick data='' seed='' device='' kernel=''
  read_options run notebook "scale data seed device kernel" "$@"
  notebook=$(find_notebook "${notebook:-$DEFAULT_NOTEBOOK}")
  check_scale "$scale"
  [[ -z $seed || $seed =~ ^-?[0-9]{1,18}$ ]] || fail "the seed must be an integer, but is '$seed'"
  [[ -z $data ]] || data=$(find_data "$data")
  use_device "$device"

  local name stem=$scale results
  name=$(basename "$notebook" .ipynb)
  [[ ! -e $GRAFS_HOME/notebooks/$name.ipynb || $notebook -ef $GRAFS_HOME/notebooks/$name.ipynb ]] || name+=-own
  [[ -z $data ]] || stem+=-$(basename "$data")
  [[ -z $seed ]] || stem+=-seed-$seed
  results=$RESULTS/notebooks/$name
  writable "$results"

  need jdk maven runner
  [[ -n $data && $data != fashion-mnist ]] || want_fashion_mnist
  prepare_kernel "$kernel"

  export GRAFS_SCALE=$scale
  [[ -z $data ]] || export GRAFS_DATA=$data
  [[ -z $seed ]] || export GRAFS_SEED=$seed
  # run_notebook.py starts the Java kernel, which ends whenever run_notebook.py ends, even if run_notebook.py is killed.
  # exec replaces this shell by run_notebook.py, so that killing the process of environment/lab kills run_notebook.py,
  # and not a shell that waits for it.
  exec "$(runner_python)" "$ENVIRONMENT/run_notebook.py" "$notebook" "$results/$stem"
}

# find_notebook NAME|PATH: prints the absolute path of a notebook; fails if there is none.
find_notebook() {
  local name=${1%.ipynb}
  # The argument is the path of a notebook, which may be the user's own, in any folder.
  if [[ ($1 == */* || $1 == *.ipynb) && -f $name.ipynb ]]; then
    realpath "$name.ipynb"
    return
  fi
  name=${name#notebooks/}
  [[ $name != */* && -f $GRAFS_HOME/notebooks/$name.ipynb ]] || {
    local known=("$GRAFS_HOME"/notebooks/*.ipynb)
    [[ -e ${known[0]} ]] || known=()
    fail "there is no notebook '$1'. The notebooks are: $(printf '%s\n' "${known[@]##*/}" | sed 's/\.ipynb$//' | paste -sd ' ')"
  }
  printf '%s\n' "$GRAFS_HOME/notebooks/$name.ipynb"
}

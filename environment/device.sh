# Chooses the device, the CPU or a GPU, on which Java processes compute, and sets how they use the CPU. Sourced by lab.
# shellcheck shell=bash

# gpus: prints a line for each NVIDIA GPU that nvidia-smi lists: index, name, memory, version of the driver.
gpus() { nvidia-smi --query-gpu=index,name,memory.total,driver_version --format=csv,noheader 2>/dev/null || true; }

# cuda_build: succeeds if the environment asks for a PyTorch that is built with CUDA: GRAFS_MAVEN_PROFILES has the Maven
# profile cuda, or PYTORCH_LIBRARY_PATH is set to a PyTorch that the user installed.
cuda_build() { [[ ${GRAFS_MAVEN_PROFILES:-} == *cuda* || -n ${PYTORCH_LIBRARY_PATH:-} ]]; }

# need_cuda_build: exits with a message if the environment asks for no PyTorch that is built with CUDA.
need_cuda_build() {
  cuda_build ||
    fail "this build computes on the CPU only: set GRAFS_MAVEN_PROFILES=cuda, or see environment/README.md, GPU"
}

# use_device cpu|gpu|gpu:N|'': chooses the device for processes that are started later, by hiding all other GPUs from
# them; gpu means gpu:0, and cpu hides all GPUs. If the argument is empty, no GPU is hidden, and DJL, the library
# through which Java uses PyTorch, takes the first GPU that it can use, otherwise the CPU.
use_device() {
  local index
  case $1 in
    '') ;;
    cpu) export CUDA_VISIBLE_DEVICES=-1 ;;
    gpu | gpu:[0-9] | gpu:[0-9][0-9])
      index=${1#gpu}
      index=${index#:}
      index=${index:-0}
      gpus | grep -q "^$index," || fail "there is no GPU $index here. $(gpus_known)"
      need_cuda_build
      export CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=$index
      ;;
    *) fail "there is no device '$1'. The devices are: cpu gpu gpu:1 …" ;;
  esac
}

# native_settings: exports the variables of native.env, which set how PyTorch uses the CPU and memory. A variable that
# is set already keeps its value.
native_settings() {
  local setting
  while read -r setting; do
    [[ -z $setting || $setting == \#* || -v ${setting%%=*} ]] || export "${setting?}"
  done <"$ENVIRONMENT/native.env"
}

# gpus_known: prints, for messages, which GPUs nvidia-smi lists, or that it is not installed.
gpus_known() {
  local known
  known=$(gpus | cut -d, -f1,2 | paste -sd ';')
  if [[ -n $known ]]; then
    echo "nvidia-smi lists: $known"
  elif command -v nvidia-smi >/dev/null; then
    echo "nvidia-smi lists none"
  else
    echo "nvidia-smi, which comes with NVIDIA's driver, is not installed"
  fi
}

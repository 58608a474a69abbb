# notebook [--device cpu|gpu|gpu:N] [--kernel NAME] [OPTIONS OF JUPYTER]
#     Opens the notebooks, with the Java kernel, in JupyterLab if it is installed, otherwise in Jupyter Notebook. The
#     server can be reached from this machine only, and asks for the token that it prints.
#     --device, --kernel: as for `lab run`; they must come before the options of Jupyter
# shellcheck shell=bash

main() {
  local kernel='' device='' server options=()
  while [[ ${1:-} == --kernel || ${1:-} == --device ]]; do
    [[ -n ${2:-} ]] || fail "$1 needs a value"
    printf -v "${1#--}" '%s' "$2"
    shift 2
  done
  use_device "$device"
  need jdk maven runner server
  want_fashion_mnist
  prepare_kernel "$kernel"
  say "Kernel: $KERNEL_LABEL"
  server=$(jupyter_server)
  options=(--ip=127.0.0.1 --MultiKernelManager.default_kernel_name=java)
  [[ $(id -u) -ne 0 ]] || options+=(--allow-root)
  cd "$GRAFS_HOME/notebooks" || exit
  # This script's own options come last, so that no option of the caller can open the server to the network.
  exec "jupyter-$server" "$@" "${options[@]}"
}

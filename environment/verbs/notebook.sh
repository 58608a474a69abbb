# notebook [--device cpu|gpu|gpu:N] [--kernel NAME] [OPTIONS OF JUPYTER]
#     Opens the notebooks in Jupyter, with the Java kernel ready: JupyterLab where there is one, Jupyter Notebook
#     otherwise. The server listens on loopback only and asks for its token.
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
  # Last, so that nothing passed on opens the server to the network.
  exec "jupyter-$server" "$@" "${options[@]}"
}

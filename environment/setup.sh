# Builds and fetches what the verbs need, into environment/.state ($STATE): the library, its module for Spark, the Java
# kernel, and the kernelspec, the file by which Jupyter starts that kernel. Sourced by lab.
# shellcheck shell=bash

# locked COMMAND…: runs a command that builds or downloads, under a lock of this checkout. If two processes of lab are
# started at the same time, one of them builds, and the other waits and uses that build.
locked() {
  mkdir -p "$STATE"
  {
    flock -w 2 9 || {
      say "Waiting for another environment/lab, which builds or tests the library" >&2
      flock 9
    }
    "$@"
  } 9>"$STATE/lock"
}

# ready NAME: calls build_NAME, which builds or downloads, unless NAME_fresh finds everything up to date. NAME is
# library, spark (lib/spark, which runs sweeps on Apache Spark) or tools (the Java kernel, Plotly and MathJax).
# NAME_fresh is called first without the lock, since lab test holds the lock for minutes. build_NAME calls NAME_fresh
# again under the lock, since another process may have built while this one waited.
ready() { "$1_fresh" || locked "build_$1"; }

# library_fresh: succeeds if the packaged library is up to date. Fails if a source file or pom.xml is newer than it, if it
# was built with other Maven profiles than GRAFS_MAVEN_PROFILES, or if the jar of a dependency no longer exists.
library_fresh() {
  local jar=$STATE/lib/grafs.jar
  [[ -f $jar && $(cat "$STATE/lib/profile" 2>/dev/null) == "${GRAFS_MAVEN_PROFILES:-}" ]] &&
    all_there "$STATE/lib/classpath.txt" &&
    [[ -z $(find "$GRAFS_HOME/pom.xml" "$GRAFS_HOME/lib/pom.xml" "$GRAFS_HOME/lib/src/main" -newer "$jar" -print -quit) ]]
}

# build_library: packages lib, unless the packaged library is up to date.
build_library() {
  local profile=${GRAFS_MAVEN_PROFILES:-}
  library_fresh && return 0
  say "Building the library"
  build_begins
  maven -q -f "$GRAFS_HOME/pom.xml" ${profile:+"-P$profile"} package -DskipTests || fail "the library does not build; the errors are above" 1
  keep_library
}

# spark_profiles: prints the Maven profiles that lib/spark is built with.
spark_profiles() { echo "${GRAFS_MAVEN_PROFILES:+$GRAFS_MAVEN_PROFILES,}spark"; }

# spark_fresh: succeeds if the packaged module lib/spark is up to date. Fails for the same reasons as library_fresh, and if
# the library is newer than the module.
spark_fresh() {
  local jar=$STATE/spark/grafs-spark.jar
  [[ -f $jar && $(cat "$STATE/spark/profile" 2>/dev/null) == "$(spark_profiles)" && ! $STATE/lib/grafs.jar -nt $jar ]] &&
    all_there "$STATE/spark/classpath.txt" &&
    [[ -z $(find "$GRAFS_HOME/lib/spark/pom.xml" "$GRAFS_HOME/lib/spark/src/main" -newer "$jar" -print -quit) ]]
}

# build_spark: packages lib/spark, which only sweeps on Spark need, unless the packaged module is up to date.
build_spark() {
  local jar=$STATE/spark/grafs-spark.jar profiles
  profiles=$(spark_profiles)
  spark_fresh && return 0
  say "Fetching Spark, and building what runs on it"
  maven -q -f "$GRAFS_HOME/pom.xml" "-P$profiles" package -DskipTests || fail "lib/spark does not build; the errors are above" 1
  mkdir -p "$STATE/spark"
  cp "$GRAFS_HOME/lib/spark/target/classpath.txt" "$STATE/spark/classpath.txt"
  printf '%s' "$profiles" >"$STATE/spark/profile"
  cp "$(newest "$GRAFS_HOME"/lib/spark/target/grafs-spark-*.jar)" "$jar.part"
  mv "$jar.part" "$jar"
}

# all_there FILE: succeeds if FILE exists and each entry of the class path in it exists.
all_there() { [[ -f $1 ]] && tr ':' '\n' <"$1" | xargs -d '\n' stat >/dev/null 2>&1; }

# newest JAR…: prints the path of the jar that was built last, since a target folder may also have jars of older
# versions. Jars with Javadoc do not count.
newest() {
  local each last=''
  for each in "$@"; do
    [[ $each == *-javadoc.jar || (-n $last && $last -nt $each) ]] || last=$each
  done
  printf '%s\n' "$last"
}

# library: prints the path of the current copy of the library. The copy stays when a later build changes the link
# grafs.jar, which points to it.
library() { readlink -f "$STATE/lib/grafs.jar"; }

# maven ARGUMENT…: runs Maven with the JDK of java_home. Escape sequences are removed from its output: Maven resets a
# terminal's colours even with -Dstyle.color=never.
maven() {
  JAVA_HOME=$(java_home) mvn -B -Dstyle.color=never "$@" 2>&1 | sed $'s/\x1b\\[[0-9;]*m//g'
}

# build_begins: records the time at which a build starts, as the modification time of the file begun. keep_library gives
# this time to the link grafs.jar, so that sources which are edited during the build count as newer than the library.
build_begins() {
  mkdir -p "$STATE/lib"
  touch "$STATE/lib/begun"
}

# keep_library: copies the built library under a name with a hash of its content, and points the link grafs.jar to the
# copy. So running Jupyter kernels, and sweeps, which start a process for each search or training, keep the library that
# they started with. Deletes copies that were made more than 30 days ago, except those whose name is in the environment
# of a running process: sweeps and kernels have the path of their copy in the variable GRAFS_CLASSPATH.
keep_library() {
  local built copy
  built=$(newest "$GRAFS_HOME"/lib/target/grafs-*.jar)
  copy=grafs-$(sha256sum "$built" | cut -c 1-12).jar
  cp "$built" "$STATE/lib/$copy.part"
  mv "$STATE/lib/$copy.part" "$STATE/lib/$copy"
  cp "$GRAFS_HOME/lib/target/classpath.txt" "$STATE/lib/classpath.txt"
  printf '%s' "${GRAFS_MAVEN_PROFILES:-}" >"$STATE/lib/profile"
  ln -sf "$copy" "$STATE/lib/grafs.jar.part"
  touch -h -r "$STATE/lib/begun" "$STATE/lib/grafs.jar.part"
  mv -T "$STATE/lib/grafs.jar.part" "$STATE/lib/grafs.jar"
  find "$(readlink -f "$STATE/lib")" -name 'grafs-*.jar' ! -name "$copy" -mtime +30 ! -exec grep -qsF {} /proc/[0-9]*/environ \; -delete
}

# tools_fresh: succeeds if the tools, which are the Java kernel, Plotly and MathJax, were downloaded after the last change
# of the two files pom.xml that name them and their versions.
tools_fresh() {
  local complete=$STATE/tools/.complete
  [[ -f $complete && $complete -nt $GRAFS_HOME/pom.xml && $complete -nt $ENVIRONMENT/kernel/pom.xml ]]
}

# build_tools: downloads the Java kernel (the Rapaio kernel), Plotly and MathJax, in the versions that the root pom.xml
# names, unless tools_fresh finds that they are up to date.
build_tools() {
  local tools=$STATE/tools
  tools_fresh && return 0
  say "Fetching the Java kernel and Plotly"
  rm -rf "$tools"
  maven -q -f "$ENVIRONMENT/kernel/pom.xml" dependency:copy-dependencies \
    -DexcludeTransitive=true -DoutputDirectory="$tools" ||
    fail "the kernel could not be fetched from Maven Central; the errors are above" 1
  touch "$tools/.complete"
}

# prepare_kernel [KERNEL-NAME]: builds the library and downloads the tools if necessary, and writes the kernelspec 'java'
# of this checkout: for the installed kernel of that name, or without a name for the kernel that kernelspec.py chooses.
# Exports JUPYTER_PATH, through which Jupyter finds the kernelspec, and KERNEL_LABEL, the name of the kernel for messages.
prepare_kernel() {
  local python out
  ready library
  ready tools
  python=$(runner_python)
  out=$(GRAFS_JAVA=$(java_home)/bin/java GRAFS_JAVA_VERSION=$(java_version) \
    "$python" "$ENVIRONMENT/kernelspec.py" ${1:+"$1"}) || exit $?
  KERNEL_LABEL=$(sed -n 2p <<<"$out")
  JUPYTER_PATH=$(sed -n 1p <<<"$out")${JUPYTER_PATH:+:$JUPYTER_PATH}
  export JUPYTER_PATH KERNEL_LABEL
}

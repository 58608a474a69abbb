# doc
#     Builds the library's API reference, and prints the path of its first page, which has an example of about ten lines
#     of Java for each of the library's main tasks.
# shellcheck shell=bash

main() {
  local pages=$GRAFS_HOME/lib/target/reports/apidocs/index.html
  [[ $# -eq 0 ]] || fail "doc takes no arguments, but got: $*"
  need jdk maven
  locked maven -q -f "$GRAFS_HOME/pom.xml" ${GRAFS_MAVEN_PROFILES:+"-P$GRAFS_MAVEN_PROFILES"} -pl lib compile javadoc:javadoc ||
    fail "the API reference does not build; the errors are above" 1
  [[ -f $pages ]] || fail "the API reference was built, but $pages is not there" 1
  say "$pages"
}

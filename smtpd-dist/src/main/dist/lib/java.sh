# Sets JAVA to a JDK 25: JAVA_HOME if it is one, else one that is installed. Sourced by the launchers.

java_is_25() {
    [ -x "$1/bin/java" ] && [ -f "$1/release" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release"
}

find_java() {
    if [ -n "${JAVA_HOME:-}" ] && java_is_25 "$JAVA_HOME"; then
        JAVA=$JAVA_HOME/bin/java
        return
    fi
    on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path")
    for jdk in "${on_path%/bin/java}" /usr/lib/jvm/* /opt/java/* /opt/jdk* /usr/local/openjdk*; do
        if java_is_25 "$jdk"; then
            JAVA=$jdk/bin/java
            return
        fi
    done
    echo "${0##*/}: needs a Java 25: install one (Debian: temurin-25-jdk or openjdk-25-jdk-headless) or set JAVA_HOME" >&2
    exit 1
}

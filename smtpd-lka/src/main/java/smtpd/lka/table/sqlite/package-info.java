/// Tables in SQLite databases. The only place that knows JDBC; its classes and the native library
/// are loaded when a table asks for them.
@NullMarked
package smtpd.lka.table.sqlite;

import org.jspecify.annotations.NullMarked;

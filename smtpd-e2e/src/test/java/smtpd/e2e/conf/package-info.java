/// The command line of smtpd(8) on configurations: `-n`, `-v`, `-D`, `--offline` and `--convert` of
/// the distribution, with real files.
@NullMarked
package smtpd.e2e.conf;

import org.jspecify.annotations.NullMarked;

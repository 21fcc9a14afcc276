/// What runs a filter: the handshake, one turn-taking lane for each session, the answers of DNS,
/// the flow of content. Authors of filters use nothing of this.
@NullMarked
package smtpd.filter.run;

import org.jspecify.annotations.NullMarked;

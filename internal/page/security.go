package page

import "net/http"

// policy allows what the pages need and nothing else: no inline script or style, no third party, no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// secure sets the strict headers. A stream of events is read by a script of ours and never shown as a page, so it
// goes without those that are about pages: thousands of streams would each keep a copy.
func secure(h http.Header, stream bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	if stream {
		return
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()")
}

package ledger

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the record under /log/ as docs/formats/record.md says, to GET and HEAD.
func (l *Ledger) Handler() http.Handler {
	return handler{log: l.o.Log, served: func(r *http.Request) served {
		return served{db: l.o.DB, head: l.Head(r.Context()), key: l.Verifier()}
	}}
}

type handler struct {
	log    *slog.Logger
	served func(*http.Request) served
}

const (
	forEver = "public, max-age=31536000, immutable"
	ask     = "no-cache" // texts may be withdrawn at any time
)

// form says how each kind of place is sent.
var form = map[kind]struct{ content, cache string }{
	kindCheckpoint: {"text/plain; charset=utf-8", "public, max-age=1"},
	kindKey:        {"text/plain; charset=utf-8", "public, max-age=60"},
	kindHashes:     {"application/octet-stream", forEver},
	kindEntries:    {"application/octet-stream", forEver},
	kindText:       {"application/x-ndjson", ask},
	kindEntry:      {"application/json", ask},
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the record is only read", http.StatusMethodNotAllowed)
		return
	}
	// The escaped path, so that an address has one spelling here too.
	p, err := parsePlace(strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	s := h.served(r)
	switch {
	case errors.Is(err, errMisspelled):
		refuse(w, err, http.StatusBadRequest)
		return
	case err != nil || !s.has(p):
		refuse(w, errNoPlace, http.StatusNotFound)
		return
	}
	header := w.Header()
	header.Set("Content-Type", form[p.kind].content)
	header.Set("Cache-Control", form[p.kind].cache)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Access-Control-Allow-Origin", "*") // anyone's page may check the record
	out := answer{w: w, head: r.Method == http.MethodHead}
	if p.kind == kindText || p.kind == kindEntries {
		header.Add("Vary", "Accept-Encoding")
		out.gzip = acceptsGzip(r.Header.Values("Accept-Encoding"))
	}
	err = s.write(r.Context(), &out, p)
	if err == nil {
		err = out.close()
	}
	if err != nil {
		h.fail(w, r, &out, err)
	}
}

// fail answers when the record cannot be read. What has been sent is broken off, so that no part looks whole.
func (h handler) fail(w http.ResponseWriter, r *http.Request, out *answer, err error) {
	if r.Context().Err() != nil {
		return // nobody waits for the answer
	}
	h.log.Error("the record cannot be served", "path", r.URL.Path, "error", err)
	if out.sent {
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	for _, name := range []string{"Content-Encoding", "Access-Control-Allow-Origin", "Vary"} {
		header.Del(name)
	}
	refuse(w, errors.New("the record cannot be read at this moment"), http.StatusInternalServerError)
}

func refuse(w http.ResponseWriter, err error, status int) {
	w.Header().Set("Cache-Control", "no-store") // it may be there in a second
	http.Error(w, err.Error(), status)
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(values []string) bool {
	accepts := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64)
		}
		if coding == "gzip" {
			return q > 0
		}
		accepts = q > 0
	}
	return accepts
}

// answer holds the body back until it is whole or large, so that a small one gets its length and a failure before
// that point an honest status.
type answer struct {
	w    http.ResponseWriter
	head bool
	gzip bool

	held bytes.Buffer
	zip  *gzip.Writer
	sent bool
}

const holdAtMost = 1 << 20

func (a *answer) Write(b []byte) (int, error) {
	if !a.sent && a.held.Len()+len(b) <= holdAtMost {
		return a.held.Write(b)
	}
	if err := a.send(); err != nil {
		return 0, err
	}
	return a.body().Write(b)
}

// body is where the bytes go once they go.
func (a *answer) body() io.Writer {
	switch {
	case a.head:
		return io.Discard
	case a.zip != nil:
		return a.zip
	}
	return a.w
}

// send begins the answer with what was held.
func (a *answer) send() error {
	if a.sent {
		return nil
	}
	a.sent = true
	if a.gzip {
		a.w.Header().Set("Content-Encoding", "gzip")
		if !a.head {
			zip, err := gzip.NewWriterLevel(a.w, gzip.BestSpeed)
			if err != nil {
				return err
			}
			a.zip = zip
		}
	}
	_, err := a.body().Write(a.held.Bytes())
	a.held.Reset()
	return err
}

// close ends the answer.
func (a *answer) close() error {
	if !a.sent && !a.gzip {
		a.w.Header().Set("Content-Length", strconv.Itoa(a.held.Len()))
	}
	if err := a.send(); err != nil {
		return err
	}
	if a.zip != nil {
		return a.zip.Close()
	}
	return nil
}

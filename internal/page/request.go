package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rostrum.example/internal/locale"
)

func withRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(locale.With(ctx, r.Lang), contextKey{}, r)
}

func requestOf(ctx context.Context) *Request {
	r, _ := ctx.Value(contextKey{}).(*Request)
	return r
}

// readable refuses addresses that carry broken UTF-8, control characters or characters that reorder text.
func (s *Site) readable(r *http.Request) bool {
	if !Clean(r.URL.Path) {
		return false
	}
	for name, values := range r.URL.Query() {
		if !Clean(name) {
			return false
		}
		for _, v := range values {
			if !Clean(v) {
				return false
			}
		}
	}
	return true
}

// Clean tells whether a line of text is valid UTF-8 without control characters and without the characters
// that reorder what a reader sees (Unicode Standard Annex 9, explicit directional formatting).
func Clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			return false
		}
	}
	return true
}

// Instant writes an instant in the reader's language, with its zone.
func (r *Request) Instant(t time.Time) string { return r.site.catalogues.Instant(r.Lang, t) }

// Date writes a date in the reader's language.
func (r *Request) Date(d locale.Date) string { return r.site.catalogues.Date(r.Lang, d) }

// Base is the address of the site as this reader reached it: scheme and host.
func (r *Request) Base() string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// shellView is what the layout shows around a page.
type shellView struct {
	Lang     locale.Lang
	Dir      string
	Path     string
	Langs    []langLink
	Nav      []navLink
	Operator string
	Contact  string
	Viewer   Viewer
	Machine  bool
	SignIn   bool
	Desk     []navLink
}

type langLink struct {
	Lang    locale.Lang
	Name    string
	Href    string
	Current bool
}

type navLink struct {
	Text    string
	Href    string
	Current bool
}

func (s *Site) shell(r *Request) shellView {
	v := shellView{
		Lang:     r.Lang,
		Dir:      r.Lang.Dir(),
		Path:     r.Path,
		Operator: s.instance.Load().Operator,
		Contact:  s.instance.Load().Contact,
		Viewer:   r.Viewer,
		Machine:  s.catalogues.AnyMachine(r.Lang),
		SignIn:   s.viewer != nil,
	}
	query := ""
	if r.URL.RawQuery != "" {
		query = "?" + r.URL.Query().Encode()
	}
	for _, l := range s.instance.Load().langs() {
		v.Langs = append(v.Langs, langLink{l, l.Name(), "/" + string(l) + r.Path + query, l == r.Lang})
	}
	v.Nav, v.Desk = r.navigation(s.nav), r.navigation(r.desk)
	return v
}

// navigation makes links of items. The one that leads nearest to where the reader is, is the current one.
func (r *Request) navigation(items []NavItem) []navLink {
	nearest := ""
	for _, item := range items {
		if (r.Path == item.Path || strings.HasPrefix(r.Path, item.Path+"/")) && len(item.Path) > len(nearest) {
			nearest = item.Path
		}
	}
	var links []navLink
	for _, item := range items {
		links = append(links, navLink{r.Text(item.Key), r.Link(item.Path), item.Path == nearest})
	}
	return links
}

// Render answers with the page filled with view.
func (p *Page[V]) Render(w http.ResponseWriter, r *Request, view V) error {
	return p.RenderStatus(w, r, http.StatusOK, view)
}

// RenderStatus answers with a status of its own, such as 422 for a form that needs another look.
func (p *Page[V]) RenderStatus(w http.ResponseWriter, r *Request, status int, view V) error {
	body, err := p.render(r.Lang, r.site.shell(r), view)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(r.Lang))
	if r.Viewer.Anonymous() {
		h.Set("Cache-Control", "no-cache")
	} else {
		h.Set("Cache-Control", "no-store")
	}
	_, cached := w.(*recorder)
	if !cached && acceptsGzip(r.Request) {
		h.Add("Vary", "Accept-Encoding")
		h.Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	w.WriteHeader(status)
	_, err = w.Write(body)
	return ignoreGone(err)
}

// JSON answers a program with a value, indented for people who look.
func JSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	_, err = w.Write(append(body, '\n'))
	return ignoreGone(err)
}

// Download answers with a file to be saved under a name, never to be shown in the browser.
func Download(w http.ResponseWriter, name, mediaType string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(body)
	return ignoreGone(err)
}

// ignoreGone drops the error of a reader who has left: there is nobody to tell.
func ignoreGone(error) error { return nil }

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.TrimSpace(params) != "q=0"
		}
	}
	return false
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	z.Write(body) // a bytes.Buffer takes everything
	z.Close()
	return out.Bytes()
}

package page

import (
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"rostrum.example/internal/locale"
)

// Instance is what every page says about whose house this is.
type Instance struct {
	// Operator is the body that runs the instance; it stands in the foot of every page.
	Operator string
	// Contact is where readers say that something is missing or wrong; empty for nowhere.
	Contact string
	// Hosts are the names by which readers reach the instance, beside those of the machine itself.
	Hosts []string
	// Langs are the languages that the pages offer; empty for all.
	Langs []locale.Lang
}

// Viewer is the person who looks at a page; the zero value is an anonymous reader.
type Viewer struct {
	// ID is the person's id; empty for an anonymous reader.
	ID string
	// Name is what the person chose to be called on their own pages.
	Name string
}

// Anonymous tells whether nobody is signed in.
func (v Viewer) Anonymous() bool { return v.ID == "" }

// NavItem is one entry of the navigation. It says what people come for, not how the house is built.
type NavItem struct {
	Key  string // the key of its words
	Path string // without the language
}

// Options are what the shell needs from the rest of the program.
type Options struct {
	Catalogues *locale.Catalogues
	Clock      func() time.Time
	Log        *slog.Logger
	// Changes counts the commits of the database: cached pages live as long as it stands still, and a second
	// at most, for another program may write to the same database.
	Changes func() uint64
	// Viewer tells who asks; nil means that nobody can sign in. It is not called for requests without a cookie.
	Viewer func(*http.Request) (Viewer, error)
	// Desk lists what a person who is signed in can do beside reading; nil means nothing.
	Desk func(*http.Request) ([]NavItem, error)
	// Funcs are further words for templates, bound to a language.
	Funcs func(locale.Lang) template.FuncMap
}

// Site serves the pages. Wings add their pages with Page and Public before it serves.
type Site struct {
	catalogues *locale.Catalogues
	clock      func() time.Time
	log        *slog.Logger
	viewer     func(*http.Request) (Viewer, error)
	desk       func(*http.Request) ([]NavItem, error)
	extra      func(locale.Lang) template.FuncMap
	assets     *assets
	mux        *http.ServeMux
	public     *http.ServeMux // the patterns whose anonymous answers are cached
	cache      *cache
	nav        []NavItem
	instance   atomic.Pointer[Instance]
	problem    *Page[problemView]
	protection *http.CrossOriginProtection
}

// New makes an empty site with its shell.
func New(o Options) (*Site, error) {
	s := &Site{
		catalogues: o.Catalogues,
		clock:      o.Clock,
		log:        o.Log,
		viewer:     o.Viewer,
		desk:       o.Desk,
		extra:      o.Funcs,
		mux:        http.NewServeMux(),
		public:     http.NewServeMux(),
		cache:      newCache(o.Clock, o.Changes),
		protection: http.NewCrossOriginProtection(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.extra == nil {
		s.extra = func(locale.Lang) template.FuncMap { return nil }
	}
	s.instance.Store(&Instance{})
	var err error
	if s.assets, err = newAssets(own); err != nil {
		return nil, err
	}
	if s.problem, err = Parse[problemView](s, own, "problem"); err != nil {
		return nil, err
	}
	s.mux.Handle("GET /assets/{hash}/{name}", s.assets)
	return s, nil
}

// SetInstance says whose house this is, at the start and whenever it changes.
func (s *Site) SetInstance(i Instance) {
	s.instance.Store(&i)
	s.cache.clear()
}

// Navigate adds an entry to the navigation.
func (s *Site) Navigate(items ...NavItem) { s.nav = append(s.nav, items...) }

// AddAssets adds a part's own scripts and pictures, the files of its folder "assets", before the site serves.
// A template names them with {{asset "name.js"}}.
func (s *Site) AddAssets(files fs.FS) error { return s.assets.add(files) }

// Handler is what a page does: it answers, or returns an error that the shell shows in the reader's language.
type Handler func(w http.ResponseWriter, r *Request) error

// Page serves a pattern of net/http in every language: "GET /account" answers /account in the language that
// the reader's browser asks for, and /en/account, /fr/account and /ar/account in theirs.
func (s *Site) Page(pattern string, h Handler) {
	s.mux.Handle(pattern, s.serve(h))
}

// Public serves a page that is the same for every anonymous reader; what they get is kept for the next.
// Its handler must depend on nothing but the address and the language.
func (s *Site) Public(pattern string, h Handler) {
	s.Page(pattern, h)
	s.public.Handle(pattern, http.NotFoundHandler())
}

// API serves an interface for programs: the same for every anonymous caller, with errors as JSON.
func (s *Site) API(pattern string, h Handler) {
	s.Public(pattern, func(w http.ResponseWriter, r *Request) error {
		err := h(w, r)
		if err == nil {
			return nil
		}
		p := s.problemOf(r, err)
		return JSON(w, p.Status, struct {
			Title  string `json:"title"`
			Detail string `json:"detail"`
			Status int    `json:"status"`
		}{r.Text(p.Key, p.Pairs...), r.Text(p.Key+".next", p.Pairs...), p.Status})
	})
}

// Handle serves a pattern outside the languages: interfaces for programs.
func (s *Site) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Request is a request with its reader.
type Request struct {
	*http.Request
	// Lang is the language to answer in.
	Lang locale.Lang
	// Viewer is the reader.
	Viewer Viewer
	// Path is the page's address without the language.
	Path string
	site *Site
	desk []NavItem
}

// Text gives a string in the reader's language.
func (r *Request) Text(key string, pairs ...any) string {
	return r.site.catalogues.Text(r.Lang, key, pairs...)
}

// Link gives the address of a page in the reader's language.
func (r *Request) Link(path string) string { return "/" + string(r.Lang) + path }

// Redirect sends the reader to another page of the site after a form has been taken (303).
func (r *Request) Redirect(w http.ResponseWriter, path string) error {
	http.Redirect(w, r.Request, r.Link(path), http.StatusSeeOther)
	return nil
}

// match picks the language for a reader who has not chosen one: theirs, if the instance offers it.
func (s *Site) match(accept string) locale.Lang {
	offered := s.instance.Load().langs()
	if lang := s.catalogues.Match(accept); slices.Contains(offered, lang) {
		return lang
	}
	return offered[0]
}

func (i *Instance) langs() []locale.Lang {
	if len(i.Langs) == 0 {
		return locale.Langs
	}
	return i.Langs
}

type contextKey struct{}

// langOf splits a path into its language, if it begins with one, and the rest.
func langOf(path string) (locale.Lang, string) {
	if len(path) >= 3 && path[0] == '/' {
		lang, rest, _ := strings.Cut(path[1:], "/")
		if l := locale.Lang(lang); l.Known() {
			return l, "/" + rest
		}
	}
	return "", path
}

// Guard stands before everything that an instance serves, pages and files for programs alike: it sets the strict
// headers and refuses names that are not the instance's.
func (s *Site) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), strings.HasPrefix(r.URL.Path, "/live/"))
		if !s.knownHost(r.Host) {
			http.Error(w, "This address is not one of this Rostrum. Its operator can add it with: rostrum serve --host NAME", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP answers a request for a page. Guard stands before it.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	lang, path := langOf(r.URL.Path)
	chosen := lang
	if lang == "" {
		lang = s.match(r.Header.Get("Accept-Language"))
	}
	inner := r
	if chosen != "" {
		inner = r.Clone(r.Context())
		inner.URL = &url.URL{}
		*inner.URL = *r.URL
		inner.URL.Path, inner.URL.RawPath = path, ""
	}
	req := &Request{Request: inner, Lang: lang, Path: path, site: s}
	if !s.readable(inner) {
		s.Fail(w, req, &Problem{Status: http.StatusBadRequest, Key: "page.problem.address"})
		return
	}
	if err := s.protection.Check(r); err != nil {
		s.Fail(w, req, &Problem{Status: http.StatusForbidden, Key: "page.problem.crossorigin"})
		return
	}
	if s.viewer != nil && r.Header.Get("Cookie") != "" {
		v, err := s.viewer(r)
		if err != nil {
			s.Fail(w, req, err)
			return
		}
		req.Viewer = v
		if !v.Anonymous() && s.desk != nil {
			if req.desk, err = s.desk(r); err != nil {
				s.Fail(w, req, err)
				return
			}
		}
	}
	if chosen == "" {
		w.Header().Add("Vary", "Accept-Language")
	}
	if r.Method == http.MethodGet && req.Viewer.Anonymous() {
		if _, pattern := s.public.Handler(inner); pattern != "" {
			s.cache.serve(w, inner, cacheKey(inner, lang, chosen), func(w http.ResponseWriter) { s.route(w, req) })
			return
		}
	}
	s.route(w, req)
}

// cacheKey names everything that an anonymous page may depend on.
func cacheKey(r *http.Request, lang, chosen locale.Lang) string {
	negotiated := ""
	if chosen == "" {
		negotiated = "~"
	}
	return negotiated + string(lang) + " " + r.Header.Get("X-Forwarded-Proto") + " " + r.Host + r.URL.RequestURI()
}

// route hands a request to its page, and answers in words where there is none.
func (s *Site) route(w http.ResponseWriter, req *Request) {
	_, pattern := s.mux.Handler(req.Request)
	if pattern == "" {
		probe := &statusProbe{header: http.Header{}}
		s.mux.ServeHTTP(probe, req.Request)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			s.Fail(w, req, &Problem{Status: http.StatusMethodNotAllowed, Key: "page.problem.method"})
			return
		}
		s.Fail(w, req, NotFound())
		return
	}
	s.mux.ServeHTTP(w, req.WithContext(withRequest(req.Context(), req)))
}

// statusProbe takes an answer only to learn its status.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }

func (s *Site) serve(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := requestOf(r.Context())
		req.Request = r
		defer func() {
			// A fault of the program is one reader's error page, not everybody's outage.
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.Fail(w, req, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			} else if p != nil {
				panic(p)
			}
		}()
		if err := h(w, req); err != nil {
			s.Fail(w, req, err)
		}
	})
}

// knownHost refuses names that are not this instance's, so that no foreign name can be pointed at it.
// Loopback names are always its own.
func (s *Site) knownHost(host string) bool {
	name := strings.ToLower(hostname(host))
	switch name {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	for _, known := range s.instance.Load().Hosts {
		if name == strings.ToLower(hostname(known)) {
			return true
		}
	}
	return false
}

func hostname(host string) string {
	u := url.URL{Host: host}
	return u.Hostname()
}

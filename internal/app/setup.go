package app

import (
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/presets"
)

//go:embed templates/*.html
var templates embed.FS

// Catalogue holds the front hall's words.
//
//go:embed catalogue
var Catalogue embed.FS

// FirstOfficer is the person who gets in first.
type FirstOfficer struct {
	Name, Email string
	Lang        locale.Lang
}

// setup is the page of an instance that is not set up yet. Only who has the key that the program printed may
// use it.
type setup struct {
	app     *App
	key     string
	site    *page.Site
	form    *page.Page[setupView]
	done    *page.Page[setupDone]
	presets []presetChoice
}

type presetChoice struct {
	ID, Text  string
	Mechanism *mechanism.Mechanism
}

// setupView is the form as it was typed, with what is wrong beside each field.
type setupView struct {
	Key      string
	Values   map[string]string
	Errors   map[string]string // field → key of the sentence
	Order    []string          // fields with errors, in the order of the page
	Profiles []string
	Presets  []choiceView
	Langs    []langChoice
}

type choiceView struct{ ID, Name string }

type langChoice struct {
	Lang    locale.Lang
	Name    string
	Checked bool
}

type setupDone struct{ Link string }

func newSetup(a *App) (*setup, error) {
	key, err := store.NewID(a.o.Random)
	if err != nil {
		return nil, err
	}
	s := &setup{app: a, key: key}
	names, err := fs.Glob(presets.Files(), "*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(presets.Files(), name)
		if err != nil {
			return nil, err
		}
		m, err := mechanism.Read(strings.NewReader(string(text)))
		if err != nil {
			return nil, fmt.Errorf("preset %s: %w", name, err)
		}
		s.presets = append(s.presets, presetChoice{m.ID, string(text), m})
	}
	slices.SortFunc(s.presets, func(x, y presetChoice) int { return strings.Compare(y.ID, x.ID) })
	if s.site, err = page.New(page.Options{Catalogues: a.catalogues, Clock: a.o.Clock, Log: a.o.Log, Changes: a.db.Changes}); err != nil {
		return nil, err
	}
	s.site.SetInstance(page.Instance{Hosts: a.o.Hosts})
	if s.form, err = page.Parse[setupView](s.site, templates, "setup"); err != nil {
		return nil, err
	}
	if s.done, err = page.Parse[setupDone](s.site, templates, "setup_done"); err != nil {
		return nil, err
	}
	s.site.Page("GET /setup", s.show)
	s.site.Page("POST /setup", s.take)
	s.site.Page("GET /{$}", func(w http.ResponseWriter, r *page.Request) error {
		return &page.Problem{Status: http.StatusServiceUnavailable, Key: "setup.waiting"}
	})
	return s, nil
}

func (s *setup) allowed(r *page.Request) error {
	if subtle.ConstantTimeCompare([]byte(r.FormValue("key")), []byte(s.key)) != 1 {
		return &page.Problem{Status: http.StatusForbidden, Key: "setup.nokey"}
	}
	return nil
}

func (s *setup) show(w http.ResponseWriter, r *page.Request) error {
	if err := s.allowed(r); err != nil {
		return err
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return s.render(w, r, http.StatusOK, url.Values{
		"profile": {"secretariat"}, "preset": {s.presets[0].ID}, "record": {"yes"}, "address": {scheme + "://" + r.Host},
		"languages": {"en", "fr", "ar"}, "backup": {s.app.o.path(backupFolder)},
	}, nil)
}

func (s *setup) render(w http.ResponseWriter, r *page.Request, status int, typed url.Values, errs map[string]string) error {
	v := setupView{Key: s.key, Values: map[string]string{}, Errors: errs, Profiles: Profiles}
	for name := range typed {
		v.Values[name] = typed.Get(name)
	}
	for _, field := range setupFields {
		if errs[field] != "" {
			v.Order = append(v.Order, field)
		}
	}
	for _, p := range s.presets {
		v.Presets = append(v.Presets, choiceView{p.ID, p.Mechanism.Name.In(string(r.Lang), "en").Text})
	}
	for _, l := range locale.Langs {
		v.Langs = append(v.Langs, langChoice{l, l.Name(), slices.Contains(typed["languages"], string(l))})
	}
	return s.form.RenderStatus(w, r, status, v)
}

// setupFields are the fields in the order of the page.
var setupFields = []string{"operator", "contact", "profile", "preset", "languages", "address", "server", "from", "backup", "name", "email"}

func (s *setup) take(w http.ResponseWriter, r *page.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return &page.Problem{Status: http.StatusBadRequest, Key: "setup.toolarge", Err: err}
	}
	if err := s.allowed(r); err != nil {
		return err
	}
	settings, officer, errs := s.read(r)
	if len(errs) > 0 {
		return s.render(w, r, http.StatusUnprocessableEntity, r.PostForm, errs)
	}
	link, err := s.app.setUp(r.Context(), settings, officer, r.PostForm.Get("record") == "yes" && strings.HasPrefix(r.PostForm.Get("preset"), demoPreset))
	if errors.Is(err, errSetUpTwice) {
		return &page.Problem{Status: http.StatusConflict, Key: "setup.twice"}
	}
	if err != nil {
		return err
	}
	return s.done.Render(w, r, setupDone{link})
}

// read checks what was typed.
func (s *setup) read(r *page.Request) (Settings, FirstOfficer, map[string]string) {
	errs := map[string]string{}
	line := func(name string, required bool, limit int) string {
		v := strings.TrimSpace(r.PostForm.Get(name))
		switch {
		case v == "" && required:
			errs[name] = "setup.error.empty"
		case !page.Clean(v):
			errs[name] = "setup.error.characters"
		case len(v) > limit:
			errs[name] = "setup.error.long"
		}
		return v
	}
	email := func(name string, required bool) string {
		v := line(name, required, 254)
		if v == "" || errs[name] != "" {
			return v
		}
		if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
			errs[name] = "setup.error.email"
		}
		return v
	}
	settings := Settings{
		Operator: line("operator", true, 200), Contact: email("contact", false), Profile: line("profile", true, 40),
		Address: strings.TrimSuffix(line("address", true, 200), "/"), BackupFolder: line("backup", false, 1000),
	}
	if !slices.Contains(Profiles, settings.Profile) && errs["profile"] == "" {
		errs["profile"] = "setup.error.choose"
	}
	i := slices.IndexFunc(s.presets, func(p presetChoice) bool { return p.ID == r.PostForm.Get("preset") })
	if i < 0 {
		errs["preset"] = "setup.error.choose"
	} else {
		settings.Preset = s.presets[i].Text
	}
	for _, l := range locale.Langs {
		if slices.Contains(r.PostForm["languages"], string(l)) {
			settings.Languages = append(settings.Languages, l)
		}
	}
	if len(settings.Languages) == 0 {
		errs["languages"] = "setup.error.choose"
	}
	if errs["address"] == "" {
		var err error
		if settings.Origin, err = originOf(settings.Address); err != nil || strings.ContainsAny(settings.Origin, " +") {
			errs["address"] = "setup.error.address"
		}
	}
	if server := line("server", false, 200); server != "" {
		settings.Mail = &MailSettings{Server: server, Username: line("username", false, 200), Password: r.PostForm.Get("password"), From: email("from", true)}
		probe := *settings.Mail
		probe.From = "probe@example.org" // the sender's address has its own message
		if _, err := probe.server(settings.Operator); errs["server"] == "" && (err != nil || !strings.Contains(server, ":")) {
			errs["server"] = "setup.error.server"
		}
	}
	if settings.BackupFolder != "" && errs["backup"] == "" {
		if err := os.MkdirAll(settings.BackupFolder, 0o700); err != nil || !filepath.IsAbs(settings.BackupFolder) && s.app.o.Dir == "" {
			errs["backup"] = "setup.error.folder"
		}
	}
	officer := FirstOfficer{Name: line("name", true, 200), Email: email("email", true), Lang: r.Lang}
	return settings, officer, errs
}

var errSetUpTwice = errors.New("the instance has been set up already")

// setUp makes the house: settings, record, first officer and, when asked for, the published dialogues. It
// answers with the path of the officer's one-time link.
func (a *App) setUp(ctx context.Context, s Settings, officer FirstOfficer, withRecord bool) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.house.Load() != nil {
		return "", errSetUpTwice
	}
	h, err := a.seat(ctx, s)
	if err != nil {
		return "", err
	}
	if withRecord {
		files, err := publishedRecord()
		if err != nil {
			return "", err
		}
		if _, err := h.importDialogues(ctx, a, files, ImportOptions{}); err != nil {
			return "", err
		}
	}
	var link string
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		var err error
		if link, err = h.firstOfficer(tx, officer); err != nil {
			return err
		}
		return keepSettings(tx, s) // last: from here on the instance is set up
	})
	if err != nil {
		return "", err
	}
	if _, err := h.ledger.Integrate(ctx); err != nil {
		return "", err
	}
	if err := h.ledger.Publish(ctx); err != nil {
		return "", err
	}
	a.open(h)
	return link, nil
}

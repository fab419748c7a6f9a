package dialogue

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	file "rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// importPages let an editor take dialogue files in: choose, look at what would change, enter.
type importPages struct {
	wing      *Wing
	directory *party.Directory
	mechanism *mechanism.Mechanism
	clock     func() time.Time
	form      *page.Page[importView]
}

// importLimit bounds what one form may carry, in bytes.
const importLimit = 3 * file.MaxBytes

type problemLine struct{ Where, What, Next string }

type fileView struct{ Name, Body string }

type importView struct {
	Problems []problemLine
	Missing  []string   // items that the record holds and the files do not
	Changes  []Imported // what would change, or what was changed
	Files    []fileView // carried along until they are entered
	Withdraw bool       // withdraw what the files no longer hold
	Empty    bool
	Done     bool
}

// SeatImport adds the page with which editors take dialogue files in.
func (w *Wing) SeatImport(s *page.Site, d *party.Directory, m *mechanism.Mechanism, clock func() time.Time) error {
	p := &importPages{wing: w, directory: d, mechanism: m, clock: clock}
	var err error
	if p.form, err = page.Parse[importView](s, templates, "import"); err != nil {
		return err
	}
	s.Page("GET /import", d.SignedIn(p.show))
	s.Page("POST /import", d.SignedIn(p.take))
	return nil
}

func (p *importPages) allowed(w http.ResponseWriter, r *page.Request, actor party.Actor) (bool, error) {
	return party.Again(w, r, party.Allow(actor, party.ImportRecord, party.WholeInstance()))
}

func (p *importPages) show(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if handled, err := p.allowed(w, r, actor); handled {
		return err
	}
	return p.form.Render(w, r, importView{})
}

// take checks the files and shows what would change; with "enter" it enters them.
func (p *importPages) take(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if handled, err := p.allowed(w, r, actor); handled {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, importLimit)
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return &page.Problem{Status: http.StatusRequestEntityTooLarge, Key: "import.toolarge", Err: err}
	}
	defer r.MultipartForm.RemoveAll()
	v, err := p.uploads(r)
	if err != nil {
		return err
	}
	if len(v.Files) == 0 {
		v.Empty = true
		return p.form.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	files := p.read(r, &v)
	if len(v.Problems) > 0 {
		return p.form.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	v.Done, v.Withdraw = r.FormValue("enter") == "yes", r.FormValue("withdraw") == "yes"
	v.Changes, err = p.wing.Import(r.Context(), files, ImportOptions{
		CheckOnly: !v.Done, Withdraw: v.Withdraw, At: p.clock(),
	})
	var problems file.Problems
	var missing *MissingError
	switch {
	case errors.As(err, &problems):
		p.explain(r, &v, problems)
	case errors.As(err, &missing):
		for _, ref := range missing.Refs {
			v.Missing = append(v.Missing, ref.String())
		}
	case err != nil:
		return err
	default:
		return p.form.Render(w, r, v)
	}
	v.Done = false
	return p.form.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
}

// uploads takes the files of the form: those just chosen, or those carried along from the look at the changes.
func (p *importPages) uploads(r *page.Request) (importView, error) {
	var v importView
	for _, header := range r.MultipartForm.File["file"] {
		f, err := header.Open()
		if err != nil {
			return v, err
		}
		body, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return v, err
		}
		if len(body) > 0 {
			v.Files = append(v.Files, fileView{header.Filename, string(body)})
		}
	}
	names := r.MultipartForm.Value["name"]
	for i, body := range r.MultipartForm.Value["body"] {
		if i < len(names) {
			v.Files = append(v.Files, fileView{names[i], body})
		}
	}
	return v, nil
}

func (p *importPages) read(r *page.Request, v *importView) []*file.File {
	var files []*file.File
	for _, up := range v.Files {
		f, err := file.Read(bytes.NewReader([]byte(up.Body)), p.mechanism)
		var problems file.Problems
		if errors.As(err, &problems) {
			p.explain(r, v, problems.In(up.Name))
			continue
		}
		if err != nil { // a reader in memory does not fail
			v.Problems = append(v.Problems, problemLine{What: err.Error()})
			continue
		}
		f.Path = up.Name
		files = append(files, f)
	}
	return files
}

func (p *importPages) explain(r *page.Request, v *importView, problems file.Problems) {
	for _, problem := range problems {
		what, next := fileproblem.Say(p.wing.catalogues, r.Lang, problem)
		v.Problems = append(v.Problems, problemLine{fileproblem.Where(p.wing.catalogues, r.Lang, problem), what, next})
	}
}

package admission

import (
	"errors"
	"net/http"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

type letterView struct {
	Sample         bool
	Key            string
	Name, Dialogue string
	Body           string
	Erases         locale.Date
	Certificate    string
	Shown          bool
	Done           string
}

// noStore keeps an answer out of the browser's cache: others may use the same computer.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w noStore) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// showLetter is the page of a personal link: what the letter is, and the file itself.
func (room *Room) showLetter(w http.ResponseWriter, r *page.Request) error {
	key, ok := secret.Parse(r.URL.Query().Get("key"))
	if !ok {
		return problem(http.StatusNotFound, "admission.letter.gone")
	}
	var v letterView
	var body []byte
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		s, err := room.letterByKey(tx, key)
		if err != nil {
			return err
		}
		d, err := room.dialogue(tx, s.Dialogue)
		if err != nil {
			return err
		}
		until, err := room.erases(tx, d)
		if err != nil {
			return err
		}
		v = letterView{Sample: d.Sample, Key: key.Reveal(), Name: r.Text("admission.letter." + string(s.Letter)), Dialogue: said(d.Title, r.Lang), Body: s.Values.Text["organisation"],
			Erases: locale.DateOf(until.In(d.Location())), Done: page.Done(r, dones, "admission.done.")}
		if s.Letter == Certificate {
			p, err := room.Participant(tx, s.Participant)
			if err != nil {
				return err
			}
			v.Certificate, v.Shown = p.Certificate, p.Shown
		}
		if r.URL.Query().Get("file") != "" {
			body, err = room.filled(tx, s)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return problem(http.StatusNotFound, "admission.letter.gone")
	}
	if err != nil {
		return err
	}
	if body != nil {
		return download(w, "letter.docx", docxType, body)
	}
	return room.pages.letter.Render(noStore{w}, r, v)
}

func (room *Room) doLetter(w http.ResponseWriter, r *page.Request) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	key, ok := secret.Parse(form.Get("key"))
	if !ok {
		return problem(http.StatusNotFound, "admission.letter.gone")
	}
	show := form.Get("show") == "yes"
	if err := room.ShowName(r.Context(), key, show); err != nil {
		return err
	}
	done := "hidden"
	if show {
		done = "shown"
	}
	return r.Redirect(w, "/letters?key="+key.Reveal()+"&done="+done)
}

type certificateView struct {
	Sample                      bool
	Number, Dialogue, Days, Day string
	Path, Name                  string
	Known                       bool
}

// showCertificate says that a number was given out, for which dialogue, and the name only where the holder agreed.
func (room *Room) showCertificate(w http.ResponseWriter, r *page.Request) error {
	v := certificateView{Number: strings.ToUpper(strings.TrimSpace(r.PathValue("number")))}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		p, err := room.CertificateBy(tx, v.Number)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		d, err := room.dialogue(tx, p.Dialogue)
		if err != nil {
			return err
		}
		v.Known, v.Sample, v.Dialogue, v.Days, v.Path = true, d.Sample, said(d.Title, r.Lang), room.daysOf(r.Lang, d), "/dialogues/"+string(d.ID)
		v.Day = r.Date(locale.DateOf(p.Certified.In(d.Location())))
		if p.Shown {
			v.Name = p.Name
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !v.Known {
		return room.pages.certificate.RenderStatus(w, r, http.StatusNotFound, v)
	}
	return room.pages.certificate.Render(w, r, v)
}

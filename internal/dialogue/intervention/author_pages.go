package intervention

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// formView is the form with which a participant sends something in writing.
type formView struct {
	head
	Errors         page.FormErrors
	Done           string
	Token          string
	Rule           string
	Text, Lang     page.Field
	Item, Needs    page.Field
	Voice, Line    page.Field
	Handing        bool
	MayHand        bool
	Mentions       []mentionView
	Looked         bool
	MaxFiles       int
	MaxMB          int
	Own            []ownLine
	Me             string
	Closed, Nobody bool
}

type ownLine struct {
	Path, Begins, State, Back string
	Public                    bool
}

// mentionView is a place that seems to name a country, with what the author can do about it.
type mentionView struct {
	Before, Text, After string
	Country             string
	Doubtful            bool
	Field               string // name of the field of the choice
	Choices             []page.Choice
}

// participant finds as whom a reader takes part; errNobody where they do not.
func (room *Room) participant(r *page.Request) (p Participant, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		var ok bool
		var err error
		p, ok, err = room.o.Participant(tx, r, dialogueOf(r))
		if err == nil && !ok {
			err = errNobody
		}
		return err
	})
	return p, err
}

// errNobody: the reader does not take part in the dialogue.
var errNobody = &page.Problem{Status: http.StatusForbidden, Key: "intervention.problem.nobody"}

func (room *Room) showForm(w http.ResponseWriter, r *page.Request) error {
	return room.renderForm(w, r, http.StatusOK, url.Values{}, nil)
}

var formDone = []string{"sent", "withdrawn"}

func (room *Room) renderForm(w http.ResponseWriter, r *page.Request, status int, in url.Values, errs page.FormErrors) error {
	w = private(w)
	var held Held
	var items []Item
	v := formView{Errors: errs, Done: page.Done(r, formDone, "intervention.done."), Rule: say(room.o.Rule, r.Lang), MaxFiles: MaxFiles, MaxMB: MaxFile >> 20}
	var p Participant
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if held, err = room.o.Dialogue(tx, dialogueOf(r)); err != nil {
			return err
		}
		if items, err = room.items(tx, held.ID); err != nil {
			return err
		}
		var ok bool
		if p, ok, err = room.o.Participant(tx, r, held.ID); err != nil {
			return err
		}
		v.Nobody, v.Own = !ok, nil
		if !ok {
			return nil
		}
		all, err := room.list(tx, inputsOf, string(room.o.Org), string(held.ID))
		for _, one := range all {
			if !one.of(p) {
				continue
			}
			texts, err := room.texts(tx, one.ID)
			if err != nil {
				return err
			}
			o := ownLine{Path: one.Path(), State: r.Text("intervention.state." + string(one.State)), Public: one.Public()}
			if t := newest(texts, one.Lang, false); t != nil && len(t.Paragraphs) > 0 {
				o.Begins = begins(t.Paragraphs[0], 90)
			}
			if one.State != Withdrawn {
				o.Back = one.Path() + "/withdraw"
			}
			v.Own = append(v.Own, o)
		}
		return err
	})
	if err != nil {
		return err
	}
	if v.head = room.head(r, held); v.Nobody {
		return room.pages.form.RenderStatus(w, r, http.StatusForbidden, v)
	}
	v.Closed, v.Me = !held.Open, p.Label
	if v.Token, err = room.token(); err != nil {
		return err
	}
	if t := in.Get("token"); t != "" {
		v.Token = t
	}
	voice := Voice(in.Get("voice"))
	if voice == "" {
		voice = p.Voice
	}
	lang := in.Get("lang")
	if lang == "" {
		lang = string(r.Lang)
	}
	v.Text = page.Field{Name: "text", Label: r.Text("intervention.text"), Hint: r.Text("intervention.text.hint"), Rows: 14, Max: MaxText, Value: in.Get("text"), Error: errs.Of("text")}
	v.Lang, v.Item, v.Needs = langField(r, "lang", lang, errs), room.itemField(r, items, in.Get("item")), room.needsField(r, in["needs"])
	v.Voice = room.voiceField(r, voice, errs)
	v.Line = lineField(r, in.Get("line"), errs)
	v.Handing, v.MayHand = in.Get("handing") == "yes", room.o.FocalPoints != nil
	if in.Has("look") {
		v.Looked = true
		v.Mentions = room.mentionViews(r, Paragraphs(in.Get("text")), lang, false, nil)
	}
	return room.pages.form.RenderStatus(w, r, status, v)
}

func lineField(r *page.Request, value string, errs page.FormErrors) page.Field {
	return page.Field{Name: "line", Label: r.Text("intervention.line"), Hint: r.Text("intervention.line.hint"), Type: "text", Optional: true, Max: MaxLine, Value: value, Error: errs.Of("line")}
}

// neutral are the ways to speak of a country without naming it that the page proposes.
var neutral = []string{"origin", "transit", "destination", "region", "state"}

// mentionViews shows the places that seem to name a country, each with its sentence around it. With choose the author
// can put neutral words in place of each, or send its paragraph to the State.
func (room *Room) mentionViews(r *page.Request, paragraphs []string, lang string, choose bool, chosen url.Values) (all []mentionView) {
	n := 0
	for i, p := range paragraphs {
		for _, m := range Mentions(p, lang) {
			v := mentionView{Before: tail(p[:m.Start], 70), Text: m.Text, After: headOf(p[m.End:], 70), Country: room.o.Catalogues.Country(r.Lang, m.Code), Doubtful: m.Confidence == Doubtful}
			if choose {
				v.Field = "mention-" + strconv.Itoa(n)
				v.Choices = []page.Choice{{Value: "", Text: r.Text("intervention.mention.leave")}}
				for _, way := range neutral {
					words := room.o.Catalogues.Text(wordingLang(lang, r.Lang), "intervention.neutral."+way)
					v.Choices = append(v.Choices, page.Choice{Value: "say:" + words, Text: r.Text("intervention.mention.say", "Words", words)})
				}
				if room.o.FocalPoints != nil {
					v.Choices = append(v.Choices, page.Choice{Value: "route:" + strconv.Itoa(i) + ":" + m.Code, Text: r.Text("intervention.mention.route", "Country", v.Country)})
				}
				page.Choose(v.Choices, chosen.Get(v.Field))
			}
			all = append(all, v)
			n++
		}
	}
	return all
}

// wordingLang is in which language neutral words are proposed for a text.
func wordingLang(text string, reader locale.Lang) locale.Lang {
	base, _, _ := strings.Cut(text, "-")
	if l := locale.Lang(base); l.Known() {
		return l
	}
	return reader
}

func tail(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return "…" + string(r[len(r)-n:])
	}
	return s
}

func headOf(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// reword puts the words that the author chose in place of mentions. It tells whether it changed anything, and what goes
// to which State.
func reword(paragraphs []string, lang string, in url.Values) (out []string, changed bool, route map[int]string) {
	route = map[int]string{}
	n := 0
	for i, p := range paragraphs {
		var b strings.Builder
		at := 0
		for _, m := range Mentions(p, lang) {
			chosen := in.Get("mention-" + strconv.Itoa(n))
			n++
			if words, ok := strings.CutPrefix(chosen, "say:"); ok && page.Clean(words) && len(words) < 200 {
				b.WriteString(p[at:m.Start] + words)
				at, changed = m.End, true
			}
			if chosen == "route:"+strconv.Itoa(i)+":"+m.Code {
				route[i] = m.Code
			}
		}
		out = append(out, b.String()+p[at:])
	}
	return out, changed, route
}

func (room *Room) takeForm(w http.ResponseWriter, r *page.Request) error {
	p, err := room.participant(r) // before anything is read
	if err != nil {
		return err
	}
	uploads, err := readUploads(w, r, MaxUpload, "files")
	if err != nil {
		return err
	}
	in := r.PostForm
	if in.Has("look") {
		return room.renderForm(w, r, http.StatusOK, in, nil)
	}
	sent, proof, err := room.Send(r.Context(), dialogueOf(r), p, Sending{
		Token: in.Get("token"), Text: in.Get("text"), Lang: in.Get("lang"), Item: in.Get("item"), Needs: in["needs"], Files: uploads,
		Choice: Choice{Voice: Voice(in.Get("voice")), Line: in.Get("line"), Handing: in.Get("handing") == "yes"},
	})
	if err != nil {
		errs, err := page.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderForm(w, r, http.StatusUnprocessableEntity, in, errs)
	}
	if proof != nil {
		return room.showSealed(w, r, sent.Sample, proof)
	}
	return r.Redirect(w, inputsPath(dialogueOf(r))+"/new?done=sent")
}

// readUploads reads a form with files, of limit bytes at most.
func readUploads(w http.ResponseWriter, r *page.Request, limit int64, names ...string) (all []Upload, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseMultipartForm(4 << 20); errors.Is(err, http.ErrNotMultipart) {
		return nil, nil // a form without files, which ParseMultipartForm has read
	} else if err != nil {
		return nil, &page.Problem{Status: http.StatusRequestEntityTooLarge, Key: "intervention.problem.upload", Err: err}
	}
	defer r.MultipartForm.RemoveAll()
	for _, name := range names {
		for _, header := range r.MultipartForm.File[name] {
			f, err := header.Open()
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				return nil, err
			}
			if header.Filename != "" || len(body) > 0 {
				all = append(all, Upload{header.Filename, body})
			}
		}
	}
	return all, nil
}

// confirmView shows an author the text as it was read.
type confirmView struct {
	Sample       bool
	Dialogue     string
	Errors       page.FormErrors
	Key, Version string
	Note, Rule   string
	From         string
	Text, Lang   page.Field
	Item, Needs  page.Field
	Voice, Line  page.Field
	Doubts       []string
	Mentions     []mentionView
	Handing      bool
	MayHand      bool
	Spoken       bool
	Reworded     bool
}

func (room *Room) showConfirm(w http.ResponseWriter, r *page.Request) error {
	return room.renderConfirm(w, r, http.StatusOK, r.URL.Query().Get("key"), nil, nil)
}

func (room *Room) renderConfirm(w http.ResponseWriter, r *page.Request, status int, key string, in url.Values, errs page.FormErrors) error {
	w = private(w)
	var one *Input
	var texts []Text
	var held Held
	var items []Item
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if one, err = room.opened(tx, key); err != nil {
			return err
		}
		if texts, err = room.texts(tx, one.ID); err != nil {
			return err
		}
		if held, err = room.o.Dialogue(tx, one.Dialogue); err != nil {
			return err
		}
		items, err = room.items(tx, held.ID)
		return err
	})
	if err != nil {
		return err
	}
	t := newest(texts, one.Lang, false)
	if in == nil {
		in = url.Values{"text": {typed(t.Paragraphs)}, "lang": {one.Lang}, "item": {one.Item}, "needs": one.Needs, "voice": {string(one.Voice)}}
		if one.Handing {
			in.Set("handing", "yes")
		}
	}
	v := confirmView{Sample: one.Sample, Dialogue: say(held.Title, r.Lang), Errors: errs, Key: key, Version: strconv.Itoa(one.Version), Note: one.Note, Rule: say(room.o.Rule, r.Lang), From: one.Source,
		Text: page.Field{Name: "text", Label: r.Text("intervention.text"), Hint: r.Text("intervention.confirm.text.hint"), Rows: 16, Max: MaxText, Value: in.Get("text"), Error: errs.Of("text")},
		Lang: langField(r, "lang", in.Get("lang"), errs), Item: room.itemField(r, items, in.Get("item")), Needs: room.needsField(r, in["needs"]),
		Voice: room.voiceField(r, Voice(in.Get("voice")), errs), Line: lineField(r, in.Get("line"), errs), Handing: in.Get("handing") == "yes", MayHand: room.o.FocalPoints != nil, Spoken: one.Kind == Spoken,
		Mentions: room.mentionViews(r, Paragraphs(in.Get("text")), in.Get("lang"), true, in), Reworded: in.Get("reworded") != ""}
	if v.From == "form" || v.From == "floor" || v.From == "transcript" {
		v.From = r.Text("intervention.from." + v.From)
	}
	for _, i := range t.Doubts {
		if i < len(t.Paragraphs) {
			v.Doubts = append(v.Doubts, begins(t.Paragraphs[i], 160))
		}
	}
	return room.pages.confirm.RenderStatus(w, r, status, v)
}

// saidView is a page that says what was done.
type saidView struct {
	Sample      bool
	Title, Text string
}

func (room *Room) takeConfirm(w http.ResponseWriter, r *page.Request) error {
	in, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	key := in.Get("key")
	if in.Get("do") == "refuse" {
		sample, err := room.Refuse(r.Context(), key)
		if err != nil {
			return err
		}
		w = private(w)
		return room.pages.said.Render(w, r, saidView{sample, r.Text("intervention.refused"), r.Text("intervention.refused.text")})
	}
	paragraphs := Paragraphs(in.Get("text"))
	words, changed, route := reword(paragraphs, in.Get("lang"), in)
	if changed || in.Get("do") == "look" {
		// What was put in place is looked at once more by the author; a route that was chosen is chosen again.
		in.Set("text", typed(words))
		for name := range in {
			if strings.HasPrefix(name, "mention-") {
				in.Del(name)
			}
		}
		if changed {
			in.Set("reworded", "yes")
		}
		return room.renderConfirm(w, r, http.StatusOK, key, in, nil)
	}
	version, _ := strconv.Atoi(in.Get("version"))
	one, proof, err := room.Confirm(r.Context(), key, Answer{Version: version, Text: in.Get("text"), Lang: in.Get("lang"), Item: in.Get("item"), Needs: in["needs"], Route: route,
		Choice: Choice{Voice: Voice(in.Get("voice")), Line: in.Get("line"), Handing: in.Get("handing") == "yes"}})
	if err != nil {
		errs, err := page.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderConfirm(w, r, http.StatusUnprocessableEntity, key, in, errs)
	}
	if proof != nil {
		return room.showSealed(w, r, one.Sample, proof)
	}
	w = private(w)
	return room.pages.said.Render(w, r, saidView{one.Sample, r.Text("intervention.confirmed"), r.Text("intervention.confirmed.text")})
}

// sealedView gives the authorship file, once.
type sealedView struct {
	Sample bool
	File   string
}

func (room *Room) showSealed(w http.ResponseWriter, r *page.Request, sample bool, a *Authorship) error {
	w = private(w)
	return room.pages.sealed.Render(w, r, sealedView{sample, string(a.Bytes())})
}

// giveAuthorship sends the file that the page shows back to be saved. The server keeps nothing of it.
func (room *Room) giveAuthorship(w http.ResponseWriter, r *page.Request) error {
	in, err := page.ReadForm(w, r, 4*MaxAuthorship)
	if err != nil {
		return err
	}
	a, err := ReadAuthorship([]byte(in.Get("file")))
	if err != nil {
		return page.Unreadable(err)
	}
	w = private(w)
	return page.Download(w, "authorship.json", "application/json", a.Bytes())
}

// proveView checks an authorship file.
type proveView struct {
	Problem, Next string
	Proven        *provenView
}

type provenView struct {
	Sample       bool
	Author, Path string
	At           string
	Entry, Text  int
	Lang         string
}

func (room *Room) showProve(w http.ResponseWriter, r *page.Request) error {
	return room.pages.prove.Render(w, r, proveView{})
}

var proveProblems = []struct {
	err error
	key string
}{
	{ErrNotAuthorship, "file"}, {ErrOtherRecord, "record"}, {ErrNotEntered, "entry"}, {ErrNotCommitted, "digest"}, {ErrNotPublished, "text"},
}

func (room *Room) takeProve(w http.ResponseWriter, r *page.Request) error {
	w = private(w)
	uploads, err := readUploads(w, r, 8*MaxAuthorship, "file")
	if err != nil {
		return err
	}
	body := []byte(r.PostForm.Get("text"))
	if len(uploads) > 0 && len(uploads[0].Body) > 0 {
		body = uploads[0].Body
	}
	p, err := room.Prove(r.Context(), body)
	if err != nil {
		i := slices.IndexFunc(proveProblems, func(known struct {
			err error
			key string
		}) bool {
			return errors.Is(err, known.err)
		})
		if i < 0 {
			return err
		}
		key := "intervention.prove." + proveProblems[i].key
		return room.pages.prove.RenderStatus(w, r, http.StatusUnprocessableEntity, proveView{Problem: r.Text(key), Next: r.Text(key + ".next")})
	}
	day, err := locale.ParseDate(p.At)
	if err != nil {
		return err
	}
	return room.pages.prove.Render(w, r, proveView{Proven: &provenView{p.Sample, p.Author, "/dialogues/" + p.Dialogue + "/inputs/" + string(p.Input), r.Date(day), int(p.Entry), int(p.Text), langName(r.Lang, p.Lang)}})
}

package intervention

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rostrum.example/format/caption"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// uploadView is the page on which an officer takes files in.
type uploadView struct {
	head
	Token  string
	Errors page.FormErrors
	Lang   page.Field
	Taken  []takenLine
	Failed []failedLine
	MaxMB  int
}

type takenLine struct {
	Path, Source, Who string
	Asked, Alike      bool
	Doubts            int
}

type failedLine struct{ Source, Why string }

func (room *Room) uploadView(r *page.Request, actor party.Actor, lang string, errs page.FormErrors) (v uploadView, people []Participant, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		held, err := room.desk(tx, actor, dialogueOf(r))
		if err != nil {
			return err
		}
		v.head = room.head(r, held)
		people, err = room.participants(tx, held.ID)
		return err
	})
	if err != nil {
		return v, nil, err
	}
	if v.Token, err = room.token(); err != nil {
		return v, nil, err
	}
	v.Errors, v.MaxMB = errs, MaxUpload>>20
	v.Lang = langField(r, "lang", lang, errs)
	v.Lang.Hint = r.Text("intervention.upload.lang.hint")
	return v, people, nil
}

func (room *Room) showUpload(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	w = private(w)
	v, _, err := room.uploadView(r, actor, "en", nil)
	if err != nil {
		return err
	}
	return room.pages.upload.Render(w, r, v)
}

func (room *Room) takeUpload(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	w = private(w)
	if _, _, err := room.uploadView(r, actor, "", nil); err != nil {
		return err // before anything is read
	}
	uploads, err := readUploads(w, r, MaxUpload, "files", "folder")
	if err != nil {
		return err
	}
	in := r.PostForm
	v, people, err := room.uploadView(r, actor, in.Get("lang"), nil)
	if err != nil {
		return err
	}
	if len(uploads) == 0 {
		v.Errors = page.FormErrors{{Field: "files", Href: "#files", Text: r.Text("intervention.upload.none")}}
		return room.pages.upload.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	found, failed := ReadFiles(r.Context(), uploads)
	for _, f := range failed {
		room.o.Log.Info("a file of an input was not read", "why", f.Key)
		v.Failed = append(v.Failed, failedLine{f.Source, r.Text(f.Key)})
	}
	var all []Received
	for _, f := range found {
		one := Received{Kind: Written, Source: f.Source, Lang: in.Get("lang"), At: f.At, Paragraphs: f.Paragraphs, Doubts: f.Doubts, Files: f.Files}
		if l, err := parseLang("lang", f.Lang); err == nil {
			one.Lang = l
		}
		if email, err := party.ParseEmail(f.Address); err == nil {
			i := slices.IndexFunc(people, func(p Participant) bool { return p.Email != "" && p.Email.Key() == email.Key() })
			if i >= 0 {
				one.Participant = people[i]
			}
			one.Email = email
			if one.Name == "" {
				one.Name, _ = line("name", f.Name, MaxLine, false)
			}
		}
		if one.Participant.Lang == "" {
			one.Participant.Lang = wordingLang(one.Lang, r.Lang)
		}
		if err := checkText("files", one.Paragraphs); err != nil {
			errs, err := page.Explain(r, err)
			if err != nil {
				return err
			}
			v.Failed = append(v.Failed, failedLine{f.Source, errs[0].Text})
			continue
		}
		all = append(all, one)
	}
	taken, err := room.TakeIn(r.Context(), actor, dialogueOf(r), in.Get("token"), all)
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		v.Errors = errs
		return room.pages.upload.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	for i, one := range taken {
		v.Taken = append(v.Taken, takenLine{deskPath(one.Dialogue) + "/" + string(one.ID), one.Source, room.deskWho(r, one), one.State == Awaiting, one.Alike != "", len(all[i].Doubts)})
	}
	return room.pages.upload.Render(w, r, v)
}

// transcriptView is the page on which an officer cuts a transcript. What it holds travels with the page: nothing is kept
// before it is taken in.
type transcriptView struct {
	head
	Token    string
	Errors   page.FormErrors
	Lang     page.Field
	Began    page.Field
	Share    int // percent of what was recorded that lies in a turn of the floor
	Pieces   []pieceView
	NoTurns  bool
	Unfitted int
}

type pieceView struct {
	N           int
	Voice, Time string
	Text        string
	Doubtful    bool
	Turn        page.Field
}

func (room *Room) speeches(r *page.Request, actor party.Actor) (h Held, all []Speech, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if h, err = room.desk(tx, actor, dialogueOf(r)); err != nil {
			return err
		}
		if room.o.Speeches != nil {
			all, err = room.o.Speeches(tx, h.ID)
		}
		return err
	})
	return h, all, err
}

func (room *Room) showTranscript(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderTranscript(w, r, http.StatusOK, actor, url.Values{"lang": {"en"}}, nil, nil)
}

const clockLayout = "2006-01-02T15:04:05"

func (room *Room) renderTranscript(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, in url.Values, turns []caption.Turn, errs page.FormErrors) error {
	w = private(w)
	h, speeches, err := room.speeches(r, actor)
	if err != nil {
		return err
	}
	v := transcriptView{head: room.head(r, h), Errors: errs, Lang: langField(r, "lang", in.Get("lang"), errs), NoTurns: len(speeches) == 0}
	if v.Token, err = room.token(); err != nil {
		return err
	}
	v.Began = page.Field{Name: "began", Label: r.Text("intervention.transcript.began"), Hint: r.Text("intervention.transcript.began.hint"), Type: "text", LTR: true, Optional: true, Max: 25, Value: in.Get("began"), Error: errs.Of("began")}
	if len(turns) > 0 {
		began, err := time.ParseInLocation(clockLayout, in.Get("began"), h.zone())
		if err != nil {
			var share float64
			began, share = Offset(turns, speeches)
			v.Share = int(share*100 + 0.5)
		} else {
			v.Share = int(fit(turns, speeches, began)*100 + 0.5)
		}
		if !began.IsZero() {
			v.Began.Value = began.In(h.zone()).Format(clockLayout)
		}
		for i, p := range Cut(turns, speeches, began) {
			one := pieceView{N: i, Voice: p.Voice, Time: clock(p.Start) + "–" + clock(p.End), Text: p.Text, Doubtful: p.Confidence == Doubtful}
			if p.Speech == 0 {
				v.Unfitted++
			}
			one.Turn = page.Field{Name: "turn-" + strconv.Itoa(i), Label: r.Text("intervention.transcript.turn"), Choices: []page.Choice{{Value: "", Text: r.Text("intervention.transcript.none")}}}
			for _, s := range speeches {
				label := fmt.Sprintf("%d · %s", s.N, isolate(s.Participant.Label))
				if len(s.Spans) > 0 {
					label += " · " + s.Spans[0].From.In(h.zone()).Format("15:04:05")
				}
				one.Turn.Choices = append(one.Turn.Choices, page.Choice{Value: strconv.Itoa(s.N), Text: label})
			}
			page.Choose(one.Turn.Choices, strconv.Itoa(p.Speech))
			v.Pieces = append(v.Pieces, one)
		}
	}
	return room.pages.transcript.RenderStatus(w, r, status, v)
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// joinGap is the pause after which words without a speaker begin a turn.
const joinGap = 4 * time.Second

func (room *Room) takeTranscript(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	h, speeches, err := room.speeches(r, actor)
	if err != nil {
		return err
	}
	uploads, err := readUploads(w, r, MaxUpload, "file")
	if err != nil {
		return err
	}
	in := r.PostForm
	fail := func(field, text string) error {
		return room.renderTranscript(w, r, http.StatusUnprocessableEntity, actor, in, nil, page.FormErrors{{Field: field, Href: "#" + field, Text: text}})
	}
	if in.Get("take") != "yes" {
		if len(uploads) == 0 {
			return fail("file", r.Text("intervention.upload.none"))
		}
		cues, err := caption.Read(bytes.NewReader(uploads[0].Body))
		if err != nil {
			var p *caption.Problem
			if !errors.As(err, &p) {
				return err
			}
			return fail("file", r.Text("intervention.caption."+string(p.Code), "Line", p.Line))
		}
		if in.Get("began") != "" {
			if _, err := time.ParseInLocation(clockLayout, in.Get("began"), h.zone()); err != nil {
				return fail("began", r.Text("intervention.transcript.began.bad"))
			}
		}
		return room.renderTranscript(w, r, http.StatusOK, actor, in, caption.Turns(cues, joinGap), nil)
	}
	var all []Received
	for i := 0; i < maxMembers*4 && in.Has("text-"+strconv.Itoa(i)); i++ {
		n, _ := strconv.Atoi(in.Get("turn-" + strconv.Itoa(i)))
		at := slices.IndexFunc(speeches, func(s Speech) bool { return s.N == n && n > 0 })
		if at < 0 {
			continue // left out
		}
		s := speeches[at]
		paragraphs := tidy(paragraphsOf(in.Get("text-" + strconv.Itoa(i))))
		if j := slices.IndexFunc(all, func(o Received) bool { return o.Speech == n }); j >= 0 {
			all[j].Paragraphs = append(all[j].Paragraphs, paragraphs...)
			continue
		}
		one := Received{Participant: s.Participant, Kind: Spoken, Source: "transcript", Lang: in.Get("lang"), Item: s.Item, Speech: n, Paragraphs: paragraphs}
		for k := range paragraphs {
			one.Doubts = append(one.Doubts, k) // a machine heard it
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return fail("file", r.Text("intervention.transcript.nothing"))
	}
	if _, err := room.TakeIn(r.Context(), actor, h.ID, in.Get("token"), all); err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderTranscript(w, r, http.StatusUnprocessableEntity, actor, in, nil, errs)
	}
	return r.Redirect(w, deskPath(h.ID)+"?done=taken")
}

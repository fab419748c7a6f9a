package summary

import (
	"net/http"
	"net/url"
	"strconv"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// roundView is the round of comments for speakers.
type roundView struct {
	headView
	Edit     int
	Running  bool
	Deadline page.When
	Version  int
	Invited  []invitedView
	Answered int
	Closes   page.Field
	Reach    int // sources that are quoted
	Speakers int // of them that can be written to
	Former   []formerView
}

type invitedView struct {
	Who, When, Answered string
}

type formerView struct {
	Deadline page.When
	Version  int
}

func (room *Room) showRound(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderRound(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeRound(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, done := dialogueOf(r), ""
	switch form.Get("do") {
	case "open":
		edit, _ := strconv.Atoi(form.Get("edit"))
		done = "opened"
		_, err = room.OpenRound(r.Context(), actor, id, edit, form.Get("closes"))
	case "prolong":
		done, err = "prolonged", room.ProlongRound(r.Context(), actor, id, form.Get("closes"))
	case "end":
		done, err = "ended", room.EndRound(r.Context(), actor, id)
	default:
		return page.Unreadable(nil)
	}
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderRound(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, desk(id)+"/round?done="+done)
}

func (room *Room) renderRound(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	v := roundView{Edit: d.Edit}
	if v.headView, err = room.head(r, actor, d, "round"); err != nil {
		return err
	}
	if v.Done == "" {
		v.Done = page.Done(r, []string{"opened", "prolonged", "ended"}, "summary.done.")
	}
	v.Errors = errs
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Invited, v.Former, v.Reach, v.Speakers, v.Answered = nil, nil, 0, 0, 0
		rounds, err := room.texts.Rounds(tx, d.Doc)
		if err != nil {
			return err
		}
		invitations, err := room.texts.Invitations(tx, d.Doc)
		if err != nil {
			return err
		}
		for i := range rounds {
			round := &rounds[i]
			end, err := round.Deadline()
			if err != nil {
				return err
			}
			if i+1 < len(rounds) {
				v.Former = append(v.Former, formerView{r.When(end, d.Zone), round.Version})
				continue
			}
			v.Running, v.Deadline, v.Version = room.running(round), r.When(end, d.Zone), round.Version
			for _, in := range invitations {
				if in.Round != round.ID {
					continue
				}
				one := invitedView{Who: isolate(in.Who.Name), When: r.Instant(in.Invited.In(d.Zone))}
				if !in.Answered.IsZero() {
					one.Answered = r.Instant(in.Answered.In(d.Zone))
					v.Answered++
				}
				v.Invited = append(v.Invited, one)
			}
		}
		if v.Running || room.o.Speakers == nil {
			return nil
		}
		seen := map[string]bool{}
		d.doc().Each(func(_ *text.Section, b *text.Block) bool {
			for _, q := range b.Citations {
				if seen[q.Source] || err != nil {
					continue
				}
				seen[q.Source] = true
				var speakers []Speaker
				if speakers, err = room.o.Speakers(tx, q.Source); len(speakers) > 0 {
					v.Speakers++
				}
				v.Reach++
			}
			return err == nil
		})
		return err
	})
	if err != nil {
		return err
	}
	v.Closes = page.Field{Name: "closes", Label: r.Text("summary.round.closes"), Hint: r.Text("summary.round.closes.hint", "Zone", d.Zone.String()), Type: "date", LTR: true, Value: form.Get("closes"), Error: errs.Of("closes")}
	return room.pages.round.RenderStatus(noStore{w}, r, status, v)
}

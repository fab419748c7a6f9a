package cycle

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// dialogueView is a convened dialogue as everybody sees it.
type dialogueView struct {
	Sample               bool
	Title, Body, Days    string
	Place, Zone          string
	State                string
	Steps                []stepView
	Call                 *callLine
	FollowsTitle, Follow string
	Links                []Link
	Moves                []moveView
	Entered              page.Entered
	Desk                 string
}

// callLine is a call in short.
type callLine struct {
	Path, Title string
	Deadline    page.When
	Open, Past  bool
}

// ShowDialogue shows a convened dialogue, or says that there is none.
func (room *Room) ShowDialogue(w http.ResponseWriter, r *page.Request, id dialogue.ID) error {
	var d *Dialogue
	var moves []Move
	var v dialogueView
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if d, err = room.Dialogue(tx, id); err != nil {
			return err
		}
		if moves, err = room.Moves(tx, id); err != nil {
			return err
		}
		if v.Call, err = room.callLine(tx, r, d); err != nil || d.Follows == "" {
			return err
		}
		v.FollowsTitle, err = room.title(tx, r, d.Follows)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return notFound(err)
	}
	if err != nil {
		return err
	}
	v.Sample, v.Title, v.Body, v.Days, v.Place, v.Zone = d.Sample, say(r, d.Title), room.bodyName(r, d.Body), days(r, d), say(r, d.Place), d.Zone
	v.State, v.Steps = say(r, room.State(d.State).Name), room.steps(r, d)
	if d.Follows != "" {
		v.Follow = "/dialogues/" + string(d.Follows)
	}
	for _, offer := range room.offers {
		links, err := offer(r.Context(), r, d)
		if err != nil {
			return err
		}
		v.Links = append(v.Links, links...)
	}
	if v.Moves, err = room.moveViews(r, moves); err != nil {
		return err
	}
	places, err := room.places(r, d.Entry)
	if err != nil {
		return err
	}
	v.Entered = page.EnteredAt(places, d.Entry)
	return room.pages.dialogue.Render(w, r, v)
}

func (room *Room) callLine(tx *store.Tx, r *page.Request, d *Dialogue) (*callLine, error) {
	c, err := room.CallFor(tx, d.ID)
	if err == ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := room.o.Clock()
	return &callLine{
		Path: "/calls/" + string(c.ID), Title: say(r, c.Title), Deadline: r.When(c.Deadline(), location(c.Zone)),
		Open: d.State == CallOpen && now.Before(c.Deadline()), Past: !now.Before(c.Deadline()),
	}, nil
}

// title names a dialogue of this room or of the published record.
func (room *Room) title(tx *store.Tx, r *page.Request, id dialogue.ID) (string, error) {
	all, err := room.earlier(tx)
	if err != nil {
		return "", err
	}
	for _, d := range all {
		if d.ID == string(id) {
			return d.In(r.Lang), nil
		}
	}
	return string(id), nil
}

// callView is a call as everybody sees it.
type callView struct {
	Sample    bool
	ID        CallID
	Title     string
	About     []string
	Dialogues []heldLine
	Deadline  page.When
	Last      locale.Date
	Erases    locale.Date
	Open      bool
	Past      bool
	Entered   page.Entered
	Key       bool
}

type heldLine struct{ Path, Title, Days, Place string }

// showCall says what is asked for, by when, and what becomes of what people write.
func (room *Room) showCall(w http.ResponseWriter, r *page.Request) error {
	var c *Call
	v := callView{}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if c, err = room.Call(tx, CallID(r.PathValue("call"))); err != nil {
			return err
		}
		for _, id := range c.Dialogues {
			d, err := room.Dialogue(tx, id)
			if err != nil {
				return err
			}
			v.Dialogues = append(v.Dialogues, heldLine{"/dialogues/" + string(id), say(r, d.Title), days(r, d), say(r, d.Place)})
		}
		v.Open, err = room.Open(tx, c, room.o.Clock())
		return err
	})
	if err == ErrNotFound {
		return notFound(err)
	}
	if err != nil {
		return err
	}
	v.Sample, v.ID, v.Title, v.About = c.Sample, c.ID, say(r, c.Title), paragraphs(say(r, c.About))
	v.Deadline, v.Last, v.Erases, v.Past = r.When(c.Deadline(), location(c.Zone)), c.Closes, c.Erases, !room.o.Clock().Before(c.Deadline())
	places, err := room.places(r, c.Entry)
	if err != nil {
		return err
	}
	v.Entered, v.Key = page.EnteredAt(places, c.Entry), len(c.Recipients) > 0
	return room.pages.call.Render(w, r, v)
}

// Upcoming tells the home page which dialogues lie ahead, the nearest first.
func (room *Room) Upcoming(r *page.Request) ([]dialogue.Upcoming, error) {
	var all []dialogue.Upcoming
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		all = nil
		own, err := room.Dialogues(tx)
		if err != nil {
			return err
		}
		for _, d := range own {
			if room.Reached(d, SummaryDraft) || d.State == Closed {
				continue
			}
			u := dialogue.Upcoming{
				Path: "/dialogues/" + string(d.ID), Title: say(r, d.Title), Days: days(r, d), Place: say(r, d.Place),
				State: say(r, room.State(d.State).Name), Sample: d.Sample,
			}
			call, err := room.callLine(tx, r, d)
			if err != nil {
				return err
			}
			if call != nil && call.Open {
				u.CallPath, u.Deadline = call.Path, call.Deadline
			}
			all = append([]dialogue.Upcoming{u}, all...)
		}
		return nil
	})
	return all, err
}

// takePartView is what lies ahead and what a reader can do about it.
type takePartView struct {
	Upcoming []dialogue.Upcoming
	Ways     []Link
}

func (room *Room) showTakePart(w http.ResponseWriter, r *page.Request) error {
	var v takePartView
	var err error
	if v.Upcoming, err = room.Upcoming(r); err != nil {
		return err
	}
	for _, way := range room.ways {
		v.Ways = append(v.Ways, Link{way.Path, r.Text(way.Text), r.Text(way.Hint)})
	}
	return room.pages.takePart.Render(w, r, v)
}

// Resolve answers the ledger for dialogues and calls.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	kind, id, _ := strings.Cut(subject, "/")
	c := ledger.Citable{}
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		switch kind {
		case "cycle":
			d, err := room.Dialogue(tx, dialogue.ID(id))
			if err != nil {
				return err
			}
			title, _ := d.Title.In(locale.Of(ctx))
			c = ledger.Citable{Title: title.Text, Address: "/dialogues/" + id, Version: strconv.Itoa(d.Version)}
			return nil
		case "call":
			one, err := room.Call(tx, CallID(id))
			if err != nil {
				return err
			}
			title, _ := one.Title.In(locale.Of(ctx))
			c = ledger.Citable{Title: title.Text, Address: "/calls/" + id, Version: strconv.Itoa(one.Version)}
			return nil
		}
		return ErrNotFound
	})
	if errors.Is(err, ErrNotFound) {
		err = ledger.ErrNotFound
	}
	return c, err
}

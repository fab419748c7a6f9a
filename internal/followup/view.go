package followup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// ViewData are what somebody types for an organisation.
type ViewData struct {
	Organisation string
	// About is the State whose commitment it is about; empty for the point itself.
	About string
	Kind  string
	// Named asks to be shown by name; otherwise the category alone is.
	Named    bool
	Text     map[locale.Lang]string
	Evidence string
}

// viewText is what the public record says of a view.
type viewText struct {
	Point    PointID  `json:"point"`
	View     string   `json:"view"`
	Kind     ViewKind `json:"kind"`
	About    string   `json:"about,omitempty"`
	Name     string   `json:"organisation,omitempty"`
	Category string   `json:"category"`
	Sample   bool     `json:"sample,omitempty"`
	Text     Words    `json:"text"`
	Evidence []string `json:"evidence,omitempty"`
}

// Say publishes what an organisation says of a point. It may speak of a State only where that State itself entered a
// commitment, and of no other: situations in countries have no place in a dialogue.
func (room *Room) Say(ctx context.Context, actor party.Actor, id PointID, data ViewData) (string, error) {
	scope := party.OfOrganisation(party.OrganisationID(data.Organisation))
	if err := party.Allow(actor, party.ViewPoint, scope); err != nil {
		return "", err
	}
	v := View{Point: id, About: data.About, Kind: ViewKind(data.Kind), Organisation: party.OrganisationID(data.Organisation), At: room.o.Clock()}
	var errs [2]error
	v.Text, errs[0] = parseWords("text", data.Text, maxText, "editors")
	v.Evidence, errs[1] = parseEvidence("evidence", data.Evidence)
	if err := page.Collect(errs[:]...); err != nil {
		return "", err
	}
	if len(v.Text) == 0 {
		return "", invalid("text-"+string(locale.English), "followup.view.text.none")
	}
	err := room.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		p, err := room.Point(tx, id)
		if err != nil {
			return err
		}
		if err := p.stands(); err != nil {
			return err
		}
		answers, err := room.Answers(tx, id)
		if err != nil {
			return err
		}
		if err := room.mayName(v, answers); err != nil {
			return err
		}
		o, err := room.o.Directory.Organisation(tx, v.Organisation)
		if err != nil {
			return err
		}
		if v.Category = o.Type; data.Named {
			if !o.Listed {
				return invalid("named", "followup.view.unlisted")
			}
			v.Named, v.Name = true, o.Name
		}
		if v.ID, err = store.NewID(room.o.Random); err != nil {
			return err
		}
		cites := append([]ledger.ID{p.Entry}, cited(v.Evidence)...)
		if v.About != "" {
			for _, a := range answers {
				if a.State == v.About && a.Stage == Published {
					cites = append(cites, a.Entry)
				}
			}
		}
		v.Entry, err = room.enter(tx, id, viewPublished, v.About, viewText{id, v.ID, v.Kind, v.About, v.Name, v.Category, p.Sample, v.Text, v.Evidence}, cites...)
		if errors.Is(err, ledger.ErrNotFound) {
			return invalid("evidence", "followup.evidence.entry")
		}
		if err != nil {
			return fmt.Errorf("publishing a view: %w", err)
		}
		return room.keepView(tx, &v, actor.Person)
	})
	return v.ID, err
}

// mayName holds a view against the rule of naming.
func (room *Room) mayName(v View, answers []Answer) error {
	switch v.Kind {
	case OnPoint:
		if v.About != "" {
			return invalid("about", "followup.view.about.point")
		}
	case OnCommitment, OnProgress:
		if _, ok := Commitment(answers, v.About); !ok {
			return invalid("about", "followup.view.about.none")
		}
	default:
		return invalid("kind", "followup.view.kind.none")
	}
	for lang, w := range v.Text {
		for _, code := range room.o.Countries(w.Text, lang) {
			if _, ok := Commitment(answers, code); !ok {
				return invalid("text-"+string(lang), "followup.view.country", "Country", isolate(room.StateName(lang, code)))
			}
			if v.About != code {
				return invalid("text-"+string(lang), "followup.view.country.about", "Country", isolate(room.StateName(lang, code)))
			}
		}
	}
	return nil
}

// Unsay takes a view back, for the organisation that said it.
func (room *Room) Unsay(ctx context.Context, actor party.Actor, view, reason string) (id PointID, err error) {
	if reason, err = readReason(reason); err != nil {
		return "", err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		v, err := found(scanView(tx.QueryRow(viewQuery, room.o.Org, view)))
		if err != nil {
			return err
		}
		id = v.Point
		if err := party.Allow(actor, party.ViewPoint, party.OfOrganisation(v.Organisation)); err != nil {
			return err
		}
		if !v.Withdrawn.IsZero() {
			return changed()
		}
		if err := room.withdraw(tx, v.Point, viewWithdrawn, v.About, reason, v.Entry); err != nil {
			return err
		}
		_, err = tx.Exec(viewEmpty, store.Micros(room.o.Clock()), room.o.Org, v.ID)
		return err
	})
	return id, err
}

// LinkData are what an editor types.
type LinkData struct {
	Later, Item, Relation string
	Why                   map[locale.Lang]string
}

// linkText is what the public record says of a link. It says that editors drew it.
type linkText struct {
	Point    PointID  `json:"point"`
	Link     string   `json:"link"`
	Later    string   `json:"later"`
	Item     string   `json:"item,omitempty"`
	Relation Relation `json:"relation"`
	DrawnBy  string   `json:"drawn_by"`
	Sample   bool     `json:"sample,omitempty"`
	Why      Words    `json:"why"`
}

// Draw draws a line from a point to a later dialogue that took it up, narrowed it or asked again.
func (room *Room) Draw(ctx context.Context, actor party.Actor, id PointID, data LinkData) error {
	if err := party.Allow(actor, edit, party.WholeInstance()); err != nil {
		return err
	}
	l := Link{Point: id, Later: data.Later, Relation: Relation(data.Relation), At: room.o.Clock()}
	var errs [3]error
	if !slices.Contains(Relations(), l.Relation) {
		errs[0] = invalid("relation", "followup.link.relation.none")
	}
	l.Item, errs[1] = clean("item", data.Item, maxLine)
	l.Why, errs[2] = parseWords("why", data.Why, maxReason, "editors")
	if err := page.Collect(errs[:]...); err != nil {
		return err
	}
	if len(l.Why) == 0 {
		return invalid("why-"+string(locale.English), "followup.link.why.none")
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := room.Point(tx, id)
		if err != nil {
			return err
		}
		if _, ok, err := room.o.Dialogue(tx, l.Later); err != nil {
			return err
		} else if !ok || l.Later == p.Origin {
			return invalid("later", "followup.link.later.none")
		}
		if l.ID, err = store.NewID(room.o.Random); err != nil {
			return err
		}
		cites := []ledger.ID{p.Entry}
		if l.Item != "" {
			entries, err := room.Point(tx, PointID(l.Item))
			if err != nil || entries.Origin != l.Later {
				return invalid("item", "followup.link.item.none")
			}
			cites = append(cites, entries.Entry)
		}
		l.Entry, err = room.enter(tx, id, linkDrawn, "", linkText{id, l.ID, l.Later, l.Item, l.Relation, "editors", p.Sample, l.Why}, cites...)
		if err != nil {
			return err
		}
		why, err := encode(l.Why)
		if err != nil {
			return err
		}
		_, err = tx.Exec(linkKeep, room.o.Org, l.ID, l.Point, l.Later, l.Item, l.Relation, why, actor.Person, store.Micros(l.At), l.Entry)
		return err
	})
}

// Undraw takes a line back.
func (room *Room) Undraw(ctx context.Context, actor party.Actor, id PointID, link, reason string) error {
	if err := party.Allow(actor, edit, party.WholeInstance()); err != nil {
		return err
	}
	reason, err := readReason(reason)
	if err != nil {
		return err
	}
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		all, err := room.Links(tx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(l Link) bool { return l.ID == link })
		if i < 0 {
			return changed()
		}
		if err := room.withdraw(tx, id, linkWithdrawn, "", reason, all[i].Entry); err != nil {
			return err
		}
		_, err = tx.Exec(linkDrop, store.Micros(room.o.Clock()), room.o.Org, link)
		return err
	})
}

// webAddress tells whether a line is the address of a page.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(s) <= 1000
}

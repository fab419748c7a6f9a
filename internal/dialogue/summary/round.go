package summary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

const (
	linkKeep = `
		insert into summary_link (org, hash, dialogue, invitation, source, lang, made)
		values ($1, $2, $3, $4, $5, $6, $7)`

	linkQuery = `
		select dialogue, invitation, source, lang
		from summary_link
		where org = $1 and hash = $2 and made > $3`

	linkCounts = `
		select invitation, count(*), min(source), min(lang)
		from summary_link
		where org = $1 and dialogue = $2
		group by invitation`

	linksPrune = `
		delete from summary_link
		where org = $1 and made <= $2`

	replyKeep = `
		insert into summary_reply (org, dialogue, id, invitation)
		values ($1, $2, $3, $4)`

	repliesQuery = `
		select id
		from summary_reply
		where org = $1 and dialogue = $2 and invitation = $3`
)

const (
	// LinkFor is how long a link to a draft works; after the round's deadline it shows answers and takes nothing.
	LinkFor = 180 * 24 * time.Hour
	// RemindBefore is how long before the deadline those are reminded who have not answered.
	RemindBefore = 72 * time.Hour
	// maxReplies is how much one invitation may send.
	maxReplies = 300
)

// OpenRound fixes the draft as of edit and asks the speakers whose words it quotes for comments until the end of a day.
// It tells how many were written to.
func (room *Room) OpenRound(ctx context.Context, actor party.Actor, id dialogue.ID, edit int, closes string) (asked int, err error) {
	day, err := locale.ParseDate(strings.TrimSpace(closes))
	if err != nil || day.Day == 0 {
		return 0, invalid("closes", "summary.problem.day")
	}
	err = room.edit(ctx, actor, id, func(tx *store.Tx, held Held, s summary) error {
		asked = 0
		rounds, err := room.texts.Rounds(tx, s.Doc)
		if err != nil {
			return err
		}
		if n := len(rounds); n > 0 && room.running(&rounds[n-1]) {
			return problem(http.StatusConflict, "summary.problem.round")
		}
		fixed, err := room.texts.Fix(tx, s.Doc, edit, room.say(s.Langs[0], "summary.round.note"), actor.Person)
		if err != nil {
			return err
		}
		round, err := room.texts.OpenRound(tx, s.Doc, fixed.Number, day, held.Zone.String())
		if err != nil {
			return invalidDay(err)
		}
		asked, err = room.invite(tx, held, s, fixed.Number, round)
		return err
	})
	return asked, err
}

func invalidDay(err error) error {
	var problems text.Problems
	if errors.As(err, &problems) {
		return invalid("closes", "summary.problem.past")
	}
	return err
}

// running tells whether a round still takes comments.
func (room *Room) running(r *text.Round) bool {
	end, err := r.Deadline()
	return err == nil && room.o.Clock().Before(end)
}

// invite writes to everybody who can be reached and whose words the version quotes, once to each address.
func (room *Room) invite(tx *store.Tx, held Held, s summary, version int, round text.Round) (int, error) {
	if room.o.Speakers == nil {
		return 0, nil
	}
	_, doc, err := room.texts.Version(tx, s.Doc, version)
	if err != nil {
		return 0, err
	}
	type invited struct {
		Speaker
		sources []string
	}
	var all []*invited
	seen := map[string]bool{}
	var failed error
	doc.Each(func(_ *text.Section, b *text.Block) bool {
		for _, q := range b.Citations {
			if seen[q.Source] {
				continue
			}
			seen[q.Source] = true
			speakers, err := room.o.Speakers(tx, q.Source)
			if err != nil {
				failed = err
				return false
			}
			for _, who := range speakers {
				i := slices.IndexFunc(all, func(o *invited) bool { return o.Email.Key() == who.Email.Key() })
				if i < 0 {
					all = append(all, &invited{Speaker: who, sources: []string{q.Source}})
				} else {
					all[i].sources = append(all[i].sources, q.Source)
				}
			}
		}
		return true
	})
	if failed != nil {
		return 0, fmt.Errorf("finding who is quoted in the summary of %s: %w", held.ID, failed)
	}
	for _, who := range all {
		in, err := room.texts.Invite(tx, s.Doc, round.ID, text.Author{Name: who.Label}, who.sources[0])
		if err != nil {
			return 0, err
		}
		if err := room.send(tx, held, round, in.ID, who.Speaker, who.sources, "summary.mail.ask"); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// send makes a link for an invitation and writes to who is invited.
func (room *Room) send(tx *store.Tx, held Held, round text.Round, invitation string, who Speaker, sources []string, key string) error {
	link, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	now := room.o.Clock()
	_, err = tx.Exec(linkKeep, string(room.o.Org), link.Hash(), string(held.ID), invitation, strings.Join(sources, "\n"), string(who.Lang), micros(now))
	if err != nil {
		return fmt.Errorf("keeping a link to the draft of %s: %w", held.ID, err)
	}
	end, err := round.Deadline()
	if err != nil {
		return err
	}
	title, _ := held.Title.In(who.Lang)
	body := room.say(who.Lang, key+".text", "Dialogue", title.Text, "Deadline", room.o.Catalogues.Instant(who.Lang, end.In(held.Zone)), "Operator", room.o.Operator,
		"Link", room.o.Address()+"/"+string(who.Lang)+commentPath(link))
	if held.Sample {
		body = room.say(who.Lang, "page.sample") + "\n\n" + body
	}
	return room.o.Mail.Queue(tx, room.o.Org, party.Message{
		To: who.Email, Lang: who.Lang, Subject: room.say(who.Lang, key+".subject", "Dialogue", title.Text), Text: body, Secret: true, Until: end,
	})
}

func commentPath(link secret.Secret) string {
	return "/summary/comment?key=" + url.QueryEscape(link.Reveal())
}

// ProlongRound gives the newest round another last day.
func (room *Room) ProlongRound(ctx context.Context, actor party.Actor, id dialogue.ID, closes string) error {
	day, err := locale.ParseDate(strings.TrimSpace(closes))
	if err != nil || day.Day == 0 {
		return invalid("closes", "summary.problem.day")
	}
	return room.ofRound(ctx, actor, id, func(tx *store.Tx, s summary, round text.Round) error {
		return invalidDay(room.texts.ProlongRound(tx, s.Doc, round.ID, day))
	})
}

// EndRound ends the newest round at once.
func (room *Room) EndRound(ctx context.Context, actor party.Actor, id dialogue.ID) error {
	return room.ofRound(ctx, actor, id, func(tx *store.Tx, s summary, round text.Round) error {
		return room.texts.EndRound(tx, s.Doc, round.ID)
	})
}

func (room *Room) ofRound(ctx context.Context, actor party.Actor, id dialogue.ID, do func(*store.Tx, summary, text.Round) error) error {
	return room.edit(ctx, actor, id, func(tx *store.Tx, _ Held, s summary) error {
		rounds, err := room.texts.Rounds(tx, s.Doc)
		if err != nil {
			return err
		}
		if len(rounds) == 0 {
			return text.ErrNotFound
		}
		return do(tx, s, rounds[len(rounds)-1])
	})
}

// Remind reminds, once, everybody who was asked for comments and has not answered when the deadline is near, and removes
// links that are too old. It tells how many were reminded, and is the handler of an hourly job.
func (room *Room) Remind(ctx context.Context) (n int, err error) {
	if room.o.Dialogues == nil || room.o.Speakers == nil {
		return 0, nil
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		if _, err := tx.Exec(linksPrune, string(room.o.Org), micros(room.o.Clock().Add(-LinkFor))); err != nil {
			return err
		}
		all, err := room.o.Dialogues(tx)
		if err != nil {
			return err
		}
		for _, held := range all {
			s, err := room.summary(tx, held.ID)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			one, err := room.remind(tx, held, s)
			if err != nil {
				return err
			}
			n += one
		}
		return nil
	})
	return n, err
}

func (room *Room) remind(tx *store.Tx, held Held, s summary) (n int, err error) {
	rounds, err := room.texts.Rounds(tx, s.Doc)
	if err != nil || len(rounds) == 0 {
		return 0, err
	}
	round := rounds[len(rounds)-1]
	end, err := round.Deadline()
	if err != nil || !room.running(&round) || end.Sub(room.o.Clock()) > RemindBefore {
		return 0, err
	}
	invitations, err := room.texts.Invitations(tx, s.Doc)
	if err != nil {
		return 0, err
	}
	type sent struct {
		times   int
		sources []string
	}
	links := map[string]sent{}
	err = each(tx, func(r *sql.Rows) error {
		var id, sources, lang string
		var l sent
		err := r.Scan(&id, &l.times, &sources, &lang)
		l.sources = strings.Split(sources, "\n")
		links[id] = l
		return err
	}, linkCounts, string(room.o.Org), string(held.ID))
	if err != nil {
		return 0, err
	}
	for _, in := range invitations {
		l := links[in.ID]
		if in.Round != round.ID || !in.Answered.IsZero() || l.times != 1 {
			continue
		}
		speakers, err := room.o.Speakers(tx, in.Ref)
		if err != nil {
			return 0, err
		}
		for _, who := range speakers {
			if who.Label != in.Who.Name {
				continue
			}
			if err := room.send(tx, held, round, in.ID, who, l.sources, "summary.mail.remind"); err != nil {
				return 0, err
			}
			n++
		}
	}
	return n, nil
}

// visit is somebody who follows their link to a draft.
type visit struct {
	key     secret.Secret
	held    Held
	summary summary
	in      text.Invitation
	round   text.Round
	sources []string
	doc     *text.Document
	open    bool
	ends    time.Time
}

// follow finds what a link leads to.
func (room *Room) follow(tx *store.Tx, key string) (*visit, error) {
	gone := problem(http.StatusGone, "summary.problem.link")
	link, ok := secret.Parse(key)
	if !ok {
		return nil, gone
	}
	v := &visit{key: link}
	var id dialogue.ID
	var invitation, sources, lang string
	err := tx.QueryRow(linkQuery, string(room.o.Org), link.Hash(), micros(room.o.Clock().Add(-LinkFor))).Scan(&id, &invitation, &sources, &lang)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, gone
	}
	if err != nil {
		return nil, fmt.Errorf("opening a link to a draft: %w", err)
	}
	v.sources = strings.Split(sources, "\n")
	if v.held, err = room.o.Dialogue(tx, id); err != nil {
		return nil, err
	}
	if v.summary, err = room.summary(tx, id); err != nil {
		return nil, notFound(err)
	}
	invitations, err := room.texts.Invitations(tx, v.summary.Doc)
	if err != nil {
		return nil, err
	}
	rounds, err := room.texts.Rounds(tx, v.summary.Doc)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(invitations, func(in text.Invitation) bool { return in.ID == invitation })
	if i < 0 {
		return nil, gone
	}
	v.in = invitations[i]
	k := slices.IndexFunc(rounds, func(r text.Round) bool { return r.ID == v.in.Round })
	if k < 0 {
		return nil, gone
	}
	v.round, v.open = rounds[k], room.running(&rounds[k])
	if v.ends, err = v.round.Deadline(); err != nil {
		return nil, err
	}
	_, v.doc, err = room.texts.Version(tx, v.summary.Doc, v.round.Version)
	return v, err
}

// own lists the suggestions and comments that came by an invitation.
func (room *Room) own(tx *store.Tx, id dialogue.ID, invitation string) (map[string]bool, error) {
	all := map[string]bool{}
	err := each(tx, func(r *sql.Rows) error {
		var one string
		err := r.Scan(&one)
		all[one] = true
		return err
	}, repliesQuery, string(room.o.Org), string(id), invitation)
	return all, err
}

// reply is what somebody who was asked says: a comment on a part or on the whole, other words for a block, or that they
// have nothing to add.
type reply struct {
	Part    text.BlockID
	Comment string
	Words   string // proposed in place of the block's
	Nothing bool
}

// Reply takes in what somebody says who was asked, until the deadline.
func (room *Room) Reply(ctx context.Context, key string, p reply) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		v, err := room.follow(tx, key)
		if err != nil {
			return err
		}
		if !v.open {
			return problem(http.StatusConflict, "summary.problem.over")
		}
		own, err := room.own(tx, v.held.ID, v.in.ID)
		if err != nil {
			return err
		}
		if len(own) >= maxReplies {
			return problem(http.StatusConflict, "summary.problem.much")
		}
		base := text.Wording{}
		if p.Part != "" {
			b, _ := v.doc.Block(p.Part)
			if b == nil {
				return invalid("comment", "summary.problem.unreadable")
			}
			base = b.Text[v.doc.Lang]
		}
		changed := p.Part != "" && p.Words != "" && p.Words != base.Text
		if p.Comment == "" && !changed && !p.Nothing {
			return invalid("comment", "summary.problem.empty")
		}
		author := text.Author{Name: v.in.Who.Name}
		var made []string
		switch {
		case changed:
			ids, _, err := room.texts.Suggest(tx, v.summary.Doc, []text.Suggestion{{
				Kind: text.ToChange, Version: v.round.Version, Part: string(p.Part), Lang: v.doc.Lang, Base: base.Text, Text: p.Words, Note: p.Comment, Author: author, Round: v.round.ID,
			}})
			if err != nil {
				return explainText(err)
			}
			made = append(made, string(ids[0]))
		case p.Comment != "":
			ids, _, err := room.texts.Comment(tx, v.summary.Doc, []text.Comment{{
				Version: v.round.Version, Part: string(p.Part), Lang: v.doc.Lang, Text: p.Comment, Author: author, Round: v.round.ID,
			}})
			if err != nil {
				return explainText(err)
			}
			made = append(made, string(ids[0]))
		}
		for _, id := range made {
			if _, err := tx.Exec(replyKeep, string(room.o.Org), string(v.held.ID), id, v.in.ID); err != nil {
				return err
			}
		}
		return room.texts.Answer(tx, v.summary.Doc, v.in.ID)
	})
}

package admission

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// sent is a letter that was made for somebody to fetch by a personal link. It is filled anew from its values whenever it
// is fetched, always to the same bytes.
type sent struct {
	ID          string
	Letter      Letter
	Dialogue    dialogue.ID
	Application application.ID
	Participant ParticipantID
	Template    string
	Lang        locale.Lang
	Values      docx.Values
	Made        time.Time
}

const (
	letterKeep = `
		insert into admission_letter (org, id, letter, dialogue, application, participant, template, lang, vals, link, made)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	letterByLink = `
		select id, letter, dialogue, application, participant, template, lang, vals, made
		from admission_letter
		where org = $1 and link = $2`

	goneQuery = `
		select id
		from admission_participant
		where org = $1 and dialogue = $2 and (erased > 0 or state <> 'registered')`

	lettersMade = `
		select application, participant, max(made)
		from admission_letter
		where org = $1 and dialogue = $2 and letter = $3
		group by application, participant`
)

func scanSent(r row) (sent, error) {
	var s sent
	var vals string
	var made int64
	if err := r.Scan(&s.ID, &s.Letter, &s.Dialogue, &s.Application, &s.Participant, &s.Template, &s.Lang, &vals, &made); err != nil {
		return s, err
	}
	s.Made = store.Time(made)
	if err := json.Unmarshal([]byte(vals), &s.Values); err != nil {
		return s, fmt.Errorf("reading letter %s: %w", s.ID, err)
	}
	return s, nil
}

// letterByKey finds the letter that a personal link leads to.
func (room *Room) letterByKey(tx *store.Tx, key secret.Secret) (sent, error) {
	return one(scanSent(tx.QueryRow(letterByLink, room.o.Org, key.Hash())))
}

// madeFor tells when a letter was last sent to each addressee, by their id.
func (room *Room) madeFor(tx *store.Tx, d dialogue.ID, l Letter) (map[string]time.Time, error) {
	rows, err := tx.Query(lettersMade, room.o.Org, d, l)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]time.Time{}
	for rows.Next() {
		var a, p string
		var made int64
		if err := rows.Scan(&a, &p, &made); err != nil {
			return nil, err
		}
		id := p
		if !l.toPersons() {
			id = a
		}
		all[id] = store.Time(made)
	}
	return all, rows.Err()
}

// batch is how many letters are queued in one transaction: enough that the disk does not decide, few enough that other
// writers are not held up.
const batch = 1000

// Delivery says how letters are sent.
type Delivery struct {
	// Attached puts the letter into the message itself, for those who are listed in public; the others always get a link
	// alone, in a message that says nothing of what it is about.
	Attached bool
}

// SendLetters queues letters of one kind: each addressee gets a message with a personal link to fetch theirs. It answers how
// many were queued; where it fails midway, those stand, and the page says to whom a letter went.
func (room *Room) SendLetters(ctx context.Context, actor party.Actor, id dialogue.ID, l Letter, to []string, by Delivery) (n int, err error) {
	wanted := make(map[string]bool, len(to))
	for _, one := range to {
		wanted[one] = true
	}
	var d *cycle.Dialogue
	var all []addressee
	var until time.Time
	err = room.o.DB.Read(ctx, func(tx *store.Tx) error {
		if d, err = room.checking(tx, actor, id); err != nil {
			return err
		}
		if until, err = room.erases(tx, d); err != nil {
			return err
		}
		all, err = room.addressees(tx, d, l)
		return err
	})
	if err != nil {
		return 0, err
	}
	all = slices.DeleteFunc(all, func(x addressee) bool {
		return !wanted[x.id()] || x.email() == "" || l == Certificate && x.p.Certificate == ""
	})
	p, mail := room.press(d, l), room.postman(d, l, until, by)
	for some := range slices.Chunk(all, batch) {
		done := 0
		err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
			done = 0
			left, err := room.gone(tx, d)
			if err != nil {
				return err
			}
			for _, x := range some {
				if left[x.id()] {
					continue
				}
				if err := room.send(tx, p, mail, x); err != nil {
					return err
				}
				done++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += done
	}
	return n, nil
}

// gone gives those whose data were erased, or who are no longer registered: nobody writes to them, not even with the list
// of a moment ago.
func (room *Room) gone(tx *store.Tx, d *cycle.Dialogue) (map[string]bool, error) {
	all, err := each(tx, func(r row) (s string, err error) { err = r.Scan(&s); return s, err }, goneQuery, room.o.Org, d.ID)
	left := make(map[string]bool, len(all))
	for _, id := range all {
		left[id] = true
	}
	return left, err
}

// email is where the letter goes.
func (x addressee) email() party.Email {
	if x.p != nil {
		return x.p.Email
	}
	return x.a.Email
}

func (room *Room) send(tx *store.Tx, p *press, mail *postman, x addressee) error {
	if x.p == nil {
		a, err := room.o.Applications.Application(tx, x.a.ID)
		if err != nil || !a.Erased.IsZero() {
			return err
		}
	}
	if err := room.addDecision(tx, p.d, &x); err != nil {
		return err
	}
	t, template, err := p.template(tx, x.lang())
	if err != nil {
		return err
	}
	values := room.letterValues(p.d, p.l, x, room.o.Clock())
	vals, err := json.Marshal(values)
	if err != nil {
		return err
	}
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return err
	}
	link, err := secret.New(room.o.Random)
	if err != nil {
		return err
	}
	var a application.ID
	var person ParticipantID
	if x.a != nil {
		a = x.a.ID
	}
	if x.p != nil {
		person = x.p.ID
	}
	if err := room.write(tx, letterKeep, id, p.l, p.d.ID, a, person, template, x.lang(), string(vals), link.Hash(), store.Micros(room.o.Clock())); err != nil {
		return err
	}
	m := mail.message(x, room.letterURL(x.lang(), link))
	if mail.by.Attached && x.listing() == application.Public {
		body, err := fill(t, values)
		if err != nil {
			return err
		}
		m.Attachments = []party.Attachment{{Name: fileName(p.l, x), Type: docxType, Body: body}}
	}
	return room.o.Mail.Queue(tx, room.o.Org, m)
}

func (room *Room) letterURL(lang locale.Lang, link secret.Secret) string {
	return room.o.Address() + "/" + string(lang) + "/letters?key=" + link.Reveal()
}

// postman words the messages about letters: the words of each language are put together once, and each message only gets
// its own names.
type postman struct {
	room  *Room
	d     *cycle.Dialogue
	l     Letter
	until time.Time
	by    Delivery
	words map[string][2]string
}

func (room *Room) postman(d *cycle.Dialogue, l Letter, until time.Time, by Delivery) *postman {
	return &postman{room, d, l, until, by, map[string][2]string{}}
}

// The places in a message that are filled for each addressee.
const (
	holeName = "\x00name\x00"
	holeLink = "\x00link\x00"
)

func (m *postman) message(x addressee, link string) party.Message {
	lang := x.lang()
	key := "admission.mail.letter"
	if x.listing() != application.Public {
		key = "admission.mail.quiet" // says nothing of what it is about: others may read the mail
	}
	w, ok := m.words[key+string(lang)]
	if !ok {
		pairs := []any{"Organisation", holeName, "Link", holeLink, "Dialogue", said(m.d.Title, lang), "Letter", m.room.text(lang, "admission.letter."+string(m.l)),
			"Operator", m.room.o.Operator, "Until", m.room.o.Catalogues.Date(lang, locale.DateOf(m.until.In(m.d.Location())))}
		w = [2]string{m.room.text(lang, key+".subject", pairs...), m.room.text(lang, key+".text", pairs...)}
		if m.d.Sample {
			w[1] = m.room.text(lang, "admission.sample") + "\n\n" + w[1]
		}
		m.words[key+string(lang)] = w
	}
	filled := strings.NewReplacer(holeName, x.name(), holeLink, link)
	until := m.room.o.Clock().Add(mailFor)
	if m.until.Before(until) {
		until = m.until
	}
	return party.Message{To: x.email(), Lang: lang, Subject: filled.Replace(w[0]), Text: filled.Replace(w[1]), Secret: true, Until: until}
}

func (x addressee) listing() application.Listing {
	if x.p != nil {
		return x.p.Listing
	}
	return x.a.Listing
}

// filled makes the letter that was sent.
func (room *Room) filled(tx *store.Tx, s sent) ([]byte, error) {
	var t *docx.Template
	var err error
	if s.Template == "" {
		t, err = room.builtIn(s.Letter, s.Lang)
	} else {
		var own Template
		if own, err = one(scanTemplate(tx.QueryRow(templateQuery, room.o.Org, s.Template))); err == nil {
			t, err = docx.ReadTemplate(bytes.NewReader(own.Body))
		}
	}
	if err != nil {
		return nil, err
	}
	return fill(t, s.Values)
}

// zipLetters packs letters into one archive.
func (room *Room) zipLetters(tx *store.Tx, p *press, all []addressee) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, x := range all {
		body, err := p.letter(tx, x)
		if err != nil {
			return nil, err
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: fileName(p.l, x), Method: zip.Store, Modified: room.o.Clock().UTC()}) // a .docx is packed already
		if err == nil {
			_, err = f.Write(body)
		}
		if err != nil {
			return nil, fmt.Errorf("packing letters: %w", err)
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// certificateAlphabet has no letters that are read for others.
const certificateAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCertificate draws the number of a certificate. It is random: a number says nothing about how many there are, and
// nobody finds others by counting.
func (room *Room) newCertificate(d dialogue.ID) (string, error) {
	id, err := store.NewID(room.o.Random)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(id))
	var b strings.Builder
	b.WriteString(strings.ToUpper(string(d)))
	for i := range 10 {
		if i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(certificateAlphabet[int(sum[i])%len(certificateAlphabet)])
	}
	return b.String(), nil
}

// IssueCertificates gives certificates to participants who took part, and moves their applications on. It tells how many
// were issued; who has one keeps it.
func (room *Room) IssueCertificates(ctx context.Context, actor party.Actor, id dialogue.ID, to []string) (n int, err error) {
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		d, err := room.checking(tx, actor, id)
		if err != nil {
			return err
		}
		all, err := room.addressees(tx, d, Certificate)
		if err != nil {
			return err
		}
		for _, x := range all {
			if !slices.Contains(to, x.id()) || x.p.Certificate != "" {
				continue
			}
			number, err := room.newCertificate(id)
			if err != nil {
				return err
			}
			err = room.changeParticipant(tx, x.p, func(p *Participant) { p.Certificate, p.Certified = number, room.o.Clock() })
			if err != nil {
				return err
			}
			n++
			if err := room.certified(tx, actor, d, x); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// certified moves an application on once one of its persons has a certificate.
func (room *Room) certified(tx *store.Tx, actor party.Actor, d *cycle.Dialogue, x addressee) error {
	if x.a == nil {
		return nil
	}
	m, err := room.o.Applications.Admission(tx, x.a.ID, d.ID)
	if err != nil || m.State == application.CertificateIssued {
		return err
	}
	way := room.path(m.State, application.CertificateIssued)
	if m.State == application.Registered || m.State == application.BadgeIssued {
		if before := room.path(m.State, application.Attended); before != nil {
			way = append(before, room.path(application.Attended, application.CertificateIssued)...)
		}
	}
	if len(way) == 0 || room.mayWalk(actor, d.Scope(), m.State, way) != nil {
		return nil
	}
	return room.walk(tx, actor, d, x.a, m, way, nil)
}

// ShowName lets the holder of a certificate say whether whoever checks its number sees their name.
func (room *Room) ShowName(ctx context.Context, key secret.Secret, show bool) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		s, err := room.letterByKey(tx, key)
		if err != nil {
			return found(err)
		}
		p, err := room.Participant(tx, s.Participant)
		if err != nil || s.Letter != Certificate || !p.Erased.IsZero() {
			return page.NotFound()
		}
		return room.changeParticipant(tx, p, func(p *Participant) { p.Shown = show })
	})
}

// CertificateBy finds the participant with a certificate's number, or answers ErrNotFound.
func (room *Room) CertificateBy(tx *store.Tx, number string) (*Participant, error) {
	number = strings.ToUpper(strings.TrimSpace(number))
	if number == "" {
		return nil, ErrNotFound
	}
	return one(scanParticipant(tx.QueryRow(participantByCertificate, room.o.Org, number)))
}

func (room *Room) certificateURL(lang locale.Lang, number string) string {
	return room.o.Address() + "/" + string(lang) + "/certificates/" + number
}

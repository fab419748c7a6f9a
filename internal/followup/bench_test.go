package followup

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"rostrum.example/internal/job"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// post puts messages into a real outbox.
type post struct{ box *mail.Outbox }

func (p post) Queue(tx *store.Tx, org store.Org, m party.Message) error {
	to, err := mail.ParseAddress(string(m.To))
	if err != nil {
		return err
	}
	_, err = p.box.Queue(tx, org, mail.Message{To: to, Subject: m.Subject, Text: m.Text, Lang: string(m.Lang), Until: m.Until, Erases: m.Until})
	return err
}

// BenchmarkTellAuthors queues a message to each of 5,000 authors in the outbox.
func BenchmarkTellAuthors(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		g := newRig(b, db)
		jobs := job.NewQueue(rand.Reader)
		g.room.o.Mail = post{mail.New(mail.Options{DB: db, Jobs: jobs, Now: g.clock, Random: rand.Reader})}
		var all []Author
		for i := range 5000 {
			all = append(all, Author{Email: party.Email(fmt.Sprintf("author%d@example.org", i)), Lang: locale.Langs[i%3]})
		}
		g.publish(g.words("input/one", all...))
		day := 1
		for b.Loop() {
			b.StopTimer()
			g.pass(48 * time.Hour)
			_, err := g.room.PutToStates(b.Context(), officer, DeliveryData{Points: []string{string(data)}, States: []string{"AT"}, Way: "mail", Day: "2027-03-" + fmt.Sprintf("%02d", day%28+1)})
			g.must(err)
			day++
			g.pass(time.Hour)
			b.StartTimer()
			n, err := g.room.TellAuthors(b.Context())
			if err != nil || n != len(all) {
				b.Fatalf("%d messages, %v", n, err)
			}
		}
		b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

// BenchmarkOf gathers what is known of 200 points, each put to 190 States.
func BenchmarkOf(b *testing.B) {
	g := newRig(b, storetest.SQLite(b))
	var points []Point
	for i := range 200 {
		points = append(points, Point{ID: PointID(fmt.Sprintf("summary/som-2027/block/p%d", i)), Origin: "som-2027", Kind: MainPoint, Text: sampleWords("A sample point.", "", "")})
	}
	g.write(func(tx *store.Tx) error { return g.room.Put(tx, points) })
	var states []string
	for a := 'A'; a <= 'Z' && len(states) < 190; a++ {
		for c := 'A'; c <= 'Z' && len(states) < 190; c++ {
			states = append(states, string(a)+string(c))
		}
	}
	for _, p := range points {
		g.write(func(tx *store.Tx) error {
			_, err := g.room.putTo(tx, officer, &p, Delivery{Way: NoteVerbale, Day: locale.Date{Year: 2027, Month: 3, Day: 31}, Point: p.ID}, states)
			return err
		})
	}
	for b.Loop() {
		g.read(func(tx *store.Tx) error {
			all, err := g.room.Of(tx, "som-2027")
			if len(all) != 200 || len(all[0].Deliveries) != 190 {
				b.Fatal("not all was gathered")
			}
			return err
		})
	}
}

package party

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestFirstOfficer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		first := func(email string) (link string, err error) {
			err = g.d.o.DB.Write(t.Context(), func(tx *store.Tx) error {
				link, err = g.d.CreateFirstOfficer(tx, "Sample Officer", email, locale.English)
				return err
			})
			return link, err
		}
		lost, err := first("officer@example.org")
		if err != nil {
			t.Fatal(err)
		}
		link, err := first("officer@example.org")
		if err != nil || link == lost {
			t.Fatalf("the second call gives %q, %v, want another link", link, err)
		}
		b := g.browser()
		b.get("/en"+link).wants(200, "Sample Officer", "Accept and sign in")
		b.follow("/en" + link).leadsTo("/en/account")
		b.get("/en/people").wants(200, "Sample Officer", "Officer of the secretariat", "the whole of this Rostrum")
		if _, err := first("other@example.org"); err != ErrHasOfficer {
			t.Errorf("an instance with an officer takes another first officer: %v", err)
		}
		if got := g.browser().get("/en" + lost); got.Code != http.StatusGone {
			t.Errorf("the lost link still works after the sign-in: %d", got.Code)
		}
		if g.messages() != 0 {
			t.Errorf("the set-up sent %d messages", g.messages())
		}
	})
	t.Run("bad data", func(t *testing.T) {
		g := newSQLiteRig(t)
		err := g.d.o.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := g.d.CreateFirstOfficer(tx, " ", "nobody", "xx")
			return err
		})
		if fields, ok := err.(page.Invalids); !ok || len(fields) != 3 {
			t.Errorf("three wrong fields give %v", err)
		}
	})
}

func TestSignInByLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.officer()
		b := g.browser()
		b.get("/en/sign-in").wants(200, `autocomplete="username webauthn"`, `inputmode="email"`)
		b.post("/fr/sign-in", "email", " Officer@EXAMPLE.org ", "next", "/people").leadsTo("/fr/sign-in/sent")
		if g.messages() != 0 {
			t.Fatal("a message was written in the sight of the asker")
		}
		g.work()
		m := g.last("officer@example.org")
		if m.Subject != "Your link to sign in" || m.Lang != locale.English || !m.Secret || !m.Until.Equal(g.clock().Add(LinkFor)) {
			t.Errorf("the message is %+v", m)
		}
		link := g.linkTo("officer@example.org")
		if !strings.HasPrefix(m.Text[strings.Index(m.Text, "http"):], g.at+link) {
			t.Errorf("the link does not lead to %s:\n%s", g.at, m.Text)
		}
		for range 3 { // a program that checks links in mail opens it as often as it likes
			a := b.get(link).wants(200, "Sample Officer")
			if a.Header().Get("Cache-Control") != "no-store" || len(a.Result().Cookies()) != 0 {
				t.Errorf("opening a link answers with %v", a.Header())
			}
			b.send(httptest.NewRequest("HEAD", link, nil))
		}
		b.get("/en/people").leadsTo("/en/sign-in?next=%2Fpeople")
		b.follow(link).leadsTo("/en/people")
		b.get("/en/people").wants(200, "People and roles")

		thief := g.browser()
		thief.get(link).wants(http.StatusGone, "This link no longer works")
		key := link[strings.Index(link, "key=")+4:]
		thief.post("/en/sign-in/link", "key", key).wants(http.StatusGone)
	})
}

func TestLinkRunsOut(t *testing.T) {
	g := newSQLiteRig(t)
	g.officer()
	b := g.browser()
	b.post("/en/sign-in", "email", "officer@example.org")
	g.work()
	link := g.linkTo("officer@example.org")
	g.pass(LinkFor - time.Second)
	b.get(link).wants(200)
	g.pass(time.Second)
	b.get(link).wants(http.StatusGone)
	b.post("/en/sign-in/link", "key", link[strings.Index(link, "key=")+4:]).wants(http.StatusGone)

	// A request that a stopped program answers late is not answered: nobody waits for it.
	b.post("/en/sign-in", "email", "officer@example.org")
	before := g.messages()
	g.pass(LinkFor + time.Second)
	g.work()
	if g.messages() != before {
		t.Error("a request was answered after it had lost its use")
	}
}

// TestLinkOnce: of many who press the button at once, one is signed in.
func TestLinkOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.officer()
		g.browser().post("/en/sign-in", "email", "officer@example.org")
		g.work()
		link := g.linkTo("officer@example.org")
		key := link[strings.Index(link, "key=")+4:]
		var wg sync.WaitGroup
		var mu sync.Mutex
		signedIn := 0
		for range 8 {
			wg.Go(func() {
				token, _, err := g.d.useLink(context.Background(), key, Actor{}, nil)
				mu.Lock()
				defer mu.Unlock()
				if err == nil && token != (secret.Secret{}) {
					signedIn++
				}
			})
		}
		wg.Wait()
		if signedIn != 1 {
			t.Errorf("%d were signed in by one link", signedIn)
		}
	})
}

// TestNoEnumeration: a known and an unknown address get the same answer, and the same rows are written in the
// asker's sight.
func TestNoEnumeration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := newRig(t, db)
		g.officer()
		ask := func(email string) (string, map[string]int) {
			before := g.rows()
			a := g.browser().post("/en/sign-in", "email", email)
			after := g.rows()
			for table := range after {
				after[table] -= before[table]
			}
			return fmt.Sprint(a.Code, a.Header(), a.Body.String()), after
		}
		known, knownRows := ask("officer@example.org")
		unknown, unknownRows := ask("stranger@example.org")
		if known != unknown {
			t.Errorf("a known address is answered with\n%s\nan unknown one with\n%s", known, unknown)
		}
		if fmt.Sprint(knownRows) != strings.Replace(fmt.Sprint(unknownRows), "signin_throttle:1", "signin_throttle:2", 1) {
			// The first asker also opens the window for everybody.
			t.Errorf("a known address writes %v, an unknown one %v", knownRows, unknownRows)
		}
		g.work()
		if g.messages() != 1 {
			t.Errorf("%d messages were sent, want one", g.messages())
		}
		if n := g.rows()["signin_request"]; n != 0 {
			t.Errorf("%d requests are kept after they were answered", n)
		}
		// The second time, when all windows are open, the work is equal to the row.
		_, a := ask("officer@example.org")
		_, b := ask("stranger@example.org")
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("a known address writes %v, an unknown one %v", a, b)
		}
	})
}

// rows counts the rows of the tables that signing in can write to.
func (g *rig) rows() map[string]int {
	g.t.Helper()
	counts := map[string]int{}
	g.read(func(tx *store.Tx) error {
		for _, table := range []string{"person", "role", "role_change", "signin_request", "signin_link", "signin_throttle", "session", "passkey", "passkey_spent", "organisation"} {
			var n int
			if err := tx.QueryRow("select count(*) from " + table).Scan(&n); err != nil {
				return err
			}
			counts[table] = n
		}
		return nil
	})
	return counts
}

func TestThrottle(t *testing.T) {
	t.Run("one address", func(t *testing.T) {
		g := newSQLiteRig(t)
		g.officer()
		b := g.browser()
		for range 5 {
			b.post("/en/sign-in", "email", "officer@example.org").leadsTo("/en/sign-in/sent")
			g.pass(time.Minute)
		}
		g.work()
		if g.messages() != linksPerAddress {
			t.Errorf("%d links were sent, want %d", g.messages(), linksPerAddress)
		}
		// The last link still works when a new one may be asked for: nobody can be locked out.
		link := g.linkTo("officer@example.org")
		b.get(link).wants(200)
		b.follow(link)
		b.post("/en/sign-out").leadsTo("/en/")
		// Whoever used a link may ask for the next at once.
		b.post("/en/sign-in", "email", "officer@example.org")
		g.work()
		if g.messages() != linksPerAddress+1 {
			t.Errorf("after a sign-in no new link was sent")
		}
		g.pass(addressWindow)
		for range 5 {
			b.post("/en/sign-in", "email", "officer@example.org")
		}
		g.work()
		if g.messages() != 2*linksPerAddress+1 {
			t.Errorf("%d messages after the window, want %d", g.messages(), 2*linksPerAddress+1)
		}
	})
	t.Run("everybody", func(t *testing.T) {
		g := newSQLiteRig(t)
		for i := range linksAtAll {
			if err := g.d.AskLink(t.Context(), Email(fmt.Sprintf("p%d@example.org", i)), locale.English, ""); err != nil {
				t.Fatal(err)
			}
		}
		b := g.browser()
		b.post("/en/sign-in", "email", "officer@example.org").wants(http.StatusTooManyRequests, "Very many links", "ten minutes")
		g.pass(allWindow)
		b.post("/en/sign-in", "email", "officer@example.org").leadsTo("/en/sign-in/sent")
	})
	t.Run("no address in clear", func(t *testing.T) {
		g := newSQLiteRig(t)
		if err := g.d.AskLink(t.Context(), "stranger@example.org", locale.English, ""); err != nil {
			t.Fatal(err)
		}
		g.read(func(tx *store.Tx) error {
			rows, err := tx.Query("select hash from signin_throttle")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var hash []byte
				if err := rows.Scan(&hash); err != nil {
					return err
				}
				if strings.Contains(string(hash), "stranger") {
					t.Error("the throttle keeps an address in clear")
				}
			}
			return rows.Err()
		})
	})
}

func TestSignInFormKeepsWhatWasTyped(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	for lang, says := range map[string]string{"en": "Enter an e-mail address like", "fr": "Indiquez une adresse électronique", "ar": "اكتب عنوان بريد إلكتروني مثل"} {
		b.post("/"+lang+"/sign-in", "email", `<b>"nobody`, "next", "/people").wants(422, says,
			`value="&lt;b&gt;&#34;nobody"`, `href="#email"`, `aria-describedby="email-hint email-error"`, `aria-invalid="true"`, `name="next" value="/people"`)
	}
	b.post("/en/sign-in", "email", "").wants(422, "Enter your e-mail address")
	b.post("/en/sign-in", "email", strings.Repeat("x", maxForm+1)).wants(400)
}

func TestCrossOriginFormsAreRefused(t *testing.T) {
	g := newSQLiteRig(t)
	officer := g.officer()
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		{"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
	} {
		form := url.Values{"email": {"officer@example.org"}}
		r := httptest.NewRequest("POST", "/en/sign-out", strings.NewReader(form.Encode()))
		r.Host = officer.host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: plainCookie, Value: officer.cookies[plainCookie]})
		for name, value := range header {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		g.site.ServeHTTP(w, r)
		if w.Code != 403 {
			t.Errorf("a form with %v is answered with %d", header, w.Code)
		}
	}
	officer.get("/en/account").wants(200)
}

func TestCookie(t *testing.T) {
	g := newSQLiteRig(t)
	plain := g.officer()
	if plain.cookies[plainCookie] == "" {
		t.Errorf("over http the cookies are %v", plain.cookies)
	}
	g.at = "https://dialogue.example.org"
	g.browser().post("/en/sign-in", "email", "officer@example.org")
	g.work()
	link := g.linkTo("officer@example.org")
	b := g.browser()
	b.host = "dialogue.example.org"
	a := b.follow(link)
	c := a.Result().Cookies()[0]
	if c.Name != secureCookie || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("over https the cookie is %s", c)
	}
	// Over https the plain name counts for nothing: anybody on the way could have set it.
	sly := g.browser()
	sly.host = b.host
	sly.cookies[plainCookie] = b.cookies[secureCookie]
	sly.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
	for _, value := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 4000)} {
		b := g.browser()
		b.cookies[plainCookie] = value
		b.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
	}
}

func TestSessionEnds(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.officer()
	for range 20 { // in use, it lives on
		g.pass(11 * time.Hour)
		b.get("/en/account").wants(200)
	}
	g.pass(SessionIdle)
	b.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")

	b = g.signIn("officer@example.org")
	for elapsed := time.Duration(0); elapsed < SessionMax-time.Hour; elapsed += time.Hour {
		b.get("/en/account").wants(200)
		g.pass(time.Hour)
	}
	g.pass(time.Hour)
	b.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")

	b = g.signIn("officer@example.org")
	kept := b.cookies[plainCookie]
	b.post("/en/sign-out").leadsTo("/en/")
	if _, there := b.cookies[plainCookie]; there {
		t.Error("signing out leaves the cookie")
	}
	b.cookies[plainCookie] = kept
	b.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
}

// TestSignInEndsFormerSession: a token that somebody planted in the browser is worth nothing after a sign-in.
func TestSignInEndsFormerSession(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.officer()
	before := b.cookies[plainCookie]
	b.post("/en/sign-in", "email", "officer@example.org", "again", "1")
	g.work()
	b.follow(g.linkTo("officer@example.org"))
	if b.cookies[plainCookie] == before {
		t.Error("the token stays the same over a sign-in")
	}
	old := g.browser()
	old.cookies[plainCookie] = before
	old.get("/en/account").leadsTo("/en/sign-in?next=%2Faccount")
}

func TestStepUp(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.officer()
	b.get("/en/people/invite").wants(200)
	g.pass(FreshFor)
	b.get("/en/people").wants(200) // looking needs no younger sign-in
	for _, path := range []string{"/people/invite", "/people/invite?role=editor", "/account/email", "/account/withdraw", "/account/export"} {
		b.get("/en" + path).leadsTo("/en/sign-in?again=1&next=" + url.QueryEscape(path))
	}
	b.get("/en/sign-in?again=1&next=%2Fpeople%2Finvite").wants(200, "Sign in again", `name="next" value="/people/invite"`)
	// A form that was begun in time is not lost.
	b.post("/en/people/invite", "role", "editor", "scope", "instance:", "name", "Sample Editor", "email", "editor@example.org", "lang", "fr").
		wants(422, "15 minutes", `href="/en/sign-in?again=1"`, `value="Sample Editor"`, `value="editor@example.org"`, `value="fr" checked`)
	b.post("/en/sign-in", "email", "officer@example.org", "next", "/people/invite?role=editor", "again", "1")
	g.work()
	b.follow(g.linkTo("officer@example.org")).leadsTo("/en/people/invite?role=editor")
	b.post("/en/people/invite", "role", "editor", "scope", "instance:", "name", "Sample Editor", "email", "editor@example.org", "lang", "fr").
		leadsTo("/en/people?done=invited")
}

func TestAnonymousAndSignedInPages(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	for _, path := range []string{"/account", "/account/correct", "/people", "/people/invite", "/people/x", "/organisations", "/organisations/add"} {
		b.get("/ar" + path).leadsTo("/ar/sign-in?next=" + url.QueryEscape(path))
	}
	for _, path := range []string{"/account/correct", "/account/withdraw", "/people/invite", "/people/x/role", "/people/x/role/end", "/organisations/add", "/account/sessions/end-others", "/account/passkeys/remove"} {
		b.post("/en"+path).wants(403, "Sign in first", "Nothing was done")
	}
	officer := g.officer()
	officer.get("/en/sign-in").leadsTo("/en/account")
	officer.get("/en/sign-in?next=/people").leadsTo("/en/people")
	officer.get("/en/sign-in?next=//evil.example").leadsTo("/en/account")
	if got := officer.get("/en/account").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the account page may be stored: %q", got)
	}
}

func TestBareAddress(t *testing.T) {
	g := newSQLiteRig(t)
	for _, host := range []string{"127.0.0.1:8053", "[::1]:8053"} {
		b := g.browser()
		b.host = host
		b.get("/en/sign-in").wants(200, "Passkeys need a name", `href="http://localhost:8053/en/sign-in"`, "Send me a link").without("passkey.js")
		b.postJSON("/en/sign-in/passkey/begin", struct{}{}).wants(400, "Passkeys need a name", "link by mail")
	}
	g.browser().get("/en/sign-in").wants(200, "passkey.js").without("Passkeys need a name")
}

// TestScript: the pages name the script by its address, where it is served as a script.
func TestScript(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.browser()
	_, src, _ := strings.Cut(b.get("/en/sign-in").Body.String(), `<script src="`)
	src, _, _ = strings.Cut(src, `"`)
	a := b.get(src).wants(200, "navigator.credentials")
	if kind := a.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/javascript") {
		t.Errorf("the script is served as %q", kind)
	}
	for _, sink := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setTimeout"} {
		a.without(sink) // the policy of the pages allows none of them
	}
	if err := g.site.AddAssets(files); err == nil {
		t.Error("two assets of one name are taken")
	}
}

// TestViewerFails: a database that cannot be read is said to be a fault, never an anonymous reader.
func TestViewerFails(t *testing.T) {
	g := newSQLiteRig(t)
	b := g.officer()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequest("GET", "/en/account", nil).WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: plainCookie, Value: b.cookies[plainCookie]})
	r.Host = b.host
	if v, err := g.d.Viewer(r); err == nil {
		t.Errorf("Viewer gives %+v and no error", v)
	}
	if v, err := g.d.Viewer(httptest.NewRequest("GET", "/", nil)); err != nil || v != (page.Viewer{}) {
		t.Errorf("without a cookie Viewer gives %+v, %v", v, err)
	}
}

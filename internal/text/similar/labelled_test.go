package similar

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode"
)

// labelled is a small test set, written for this purpose: for each language six subjects with three points each, and one
// input for each subject in other words. The points of an input's subject are right for it, all others wrong.
var labelled = map[string]struct{ points, inputs string }{
	"en": {`
data: States should collect comparable data on smuggling routes and publish them every year.
data: Existing programmes need evaluation by independent researchers.
data: Statistics on deaths and disappearances at borders are incomplete.
technology: Smugglers advertise their services on social media platforms and messaging applications.
technology: National laws on cybercrime do not cover the online recruitment of smuggled migrants.
technology: Companies that run platforms should remove advertisements for dangerous journeys quickly.
protection: Witnesses and their families must be protected against retaliation.
protection: Migrants who were harmed on the way need medical care and legal aid whatever their status.
protection: Staff of non-governmental organisations are threatened because they assist migrants.
causes: Poverty, conflict and drought push people to leave their homes.
causes: Without regular pathways such as labour migration schemes, people turn to smugglers.
causes: Family reunification takes too long, so relatives travel irregularly.
courts: Judges and prosecutors need training on the protocol and on the rights of migrants.
courts: Sentences for the leaders of smuggling networks remain low, while small helpers are convicted.
courts: Migrants are prosecuted for having been smuggled, against article 5.
sea: Rescue at sea must not be delayed by disputes over jurisdiction.
sea: Coast guards of neighbouring countries should share information about boats in distress.
sea: Captains who rescue people are put on trial.
`, `
data: Our network has counted missing persons along three routes since 2014. The figures that governments publish cannot be compared with each other, and nobody evaluated the programme that we took part in.
technology: In our survey two thirds had found the smuggler through an advertisement in a messaging app. The platform did nothing when we reported the account.
protection: A witness whom our lawyers assisted was threatened after the hearing, and her family had to move. Our own staff received threats as well.
causes: People told us that they left because the drought had destroyed the harvest. They would have used a labour scheme or a visa if there had been any regular pathway.
courts: We observed forty trials. Prosecutors charged the migrants themselves, judges had received no training on the protocol, and the leaders of the network were never convicted.
sea: The boat was in distress for eleven hours while two coast guards disputed who had jurisdiction. The captain who finally rescued the passengers was arrested in port.
`},
	"fr": {`
data: Les États devraient recueillir des données comparables sur les routes du trafic et les publier chaque année.
data: Les programmes existants doivent être évalués par des chercheurs indépendants.
data: Les statistiques sur les décès et les disparitions aux frontières sont incomplètes.
technology: Les passeurs font de la publicité sur les réseaux sociaux et les messageries.
technology: Les lois nationales sur la cybercriminalité ne couvrent pas le recrutement en ligne des migrants.
technology: Les entreprises qui gèrent des plateformes devraient retirer rapidement les annonces de voyages dangereux.
protection: Les témoins et leurs familles doivent être protégés contre les représailles.
protection: Les migrants blessés en chemin ont besoin de soins médicaux et d'une aide juridique, quel que soit leur statut.
protection: Le personnel des organisations non gouvernementales est menacé parce qu'il aide des migrants.
causes: La pauvreté, les conflits et la sécheresse poussent les gens à quitter leur foyer.
causes: Sans voies régulières comme la migration de travail, les personnes se tournent vers les passeurs.
causes: Le regroupement familial dure trop longtemps et les proches voyagent de façon irrégulière.
courts: Les juges et les procureurs ont besoin d'une formation sur le protocole et les droits des migrants.
courts: Les peines prononcées contre les chefs des réseaux restent faibles, tandis que de petits complices sont condamnés.
courts: Des migrants sont poursuivis pour avoir été l'objet du trafic, contrairement à l'article 5.
sea: Le sauvetage en mer ne doit pas être retardé par des différends de compétence.
sea: Les garde-côtes des pays voisins devraient échanger des informations sur les bateaux en détresse.
sea: Des capitaines qui sauvent des personnes sont jugés.
`, `
data: Notre réseau compte les personnes disparues sur trois routes. Les chiffres publiés par les gouvernements ne sont pas comparables, et personne n'a évalué le programme auquel nous avons participé.
technology: Dans notre enquête, deux tiers avaient trouvé le passeur grâce à une annonce dans une messagerie. La plateforme n'a rien fait après notre signalement.
protection: Un témoin que nos avocats assistaient a été menacé après l'audience et sa famille a dû déménager. Notre personnel a aussi reçu des menaces.
causes: Les gens nous ont dit être partis parce que la sécheresse avait détruit la récolte. Ils auraient choisi un visa de travail s'il avait existé une voie régulière.
courts: Nous avons observé quarante procès. Les procureurs poursuivaient les migrants eux-mêmes, les juges n'avaient reçu aucune formation et les chefs du réseau n'ont jamais été condamnés.
sea: Le bateau était en détresse depuis onze heures pendant que deux garde-côtes se disputaient la compétence. Le capitaine qui a sauvé les passagers a été arrêté au port.
`},
	"es": {`
data: Los Estados deberían recopilar datos comparables sobre las rutas del tráfico y publicarlos cada año.
data: Los programas existentes deben ser evaluados por investigadores independientes.
data: Las estadísticas sobre muertes y desapariciones en las fronteras están incompletas.
technology: Los traficantes anuncian sus servicios en redes sociales y aplicaciones de mensajería.
technology: Las leyes nacionales sobre ciberdelincuencia no abarcan la captación en línea de migrantes.
technology: Las empresas que gestionan plataformas deberían retirar con rapidez los anuncios de viajes peligrosos.
protection: Los testigos y sus familias deben ser protegidos contra las represalias.
protection: Los migrantes heridos en el camino necesitan atención médica y asistencia jurídica, cualquiera que sea su condición.
protection: El personal de las organizaciones no gubernamentales es amenazado porque ayuda a migrantes.
causes: La pobreza, los conflictos y la sequía empujan a las personas a dejar sus hogares.
causes: Sin vías regulares como la migración laboral, las personas recurren a los traficantes.
causes: La reunificación familiar tarda demasiado y los parientes viajan de forma irregular.
courts: Los jueces y fiscales necesitan formación sobre el protocolo y los derechos de los migrantes.
courts: Las penas contra los jefes de las redes siguen siendo bajas, mientras que se condena a pequeños cómplices.
courts: Se enjuicia a migrantes por haber sido objeto del tráfico, en contra del artículo 5.
sea: El rescate en el mar no debe retrasarse por disputas de jurisdicción.
sea: Los guardacostas de países vecinos deberían compartir información sobre barcos en peligro.
sea: Se juzga a capitanes que rescatan a personas.
`, `
data: Nuestra red cuenta las personas desaparecidas en tres rutas. Las cifras que publican los gobiernos no son comparables y nadie evaluó el programa en el que participamos.
technology: En nuestra encuesta, dos tercios habían encontrado al traficante por un anuncio en una aplicación de mensajería. La plataforma no hizo nada cuando denunciamos la cuenta.
protection: Una testigo a la que asistían nuestros abogados fue amenazada después de la audiencia y su familia tuvo que mudarse. Nuestro personal también recibió amenazas.
causes: Nos dijeron que se fueron porque la sequía había destruido la cosecha. Habrían usado un visado laboral si hubiera existido una vía regular.
courts: Observamos cuarenta juicios. Los fiscales acusaban a los propios migrantes, los jueces no habían recibido formación y los jefes de la red nunca fueron condenados.
sea: El barco estuvo en peligro once horas mientras dos guardacostas disputaban la jurisdicción. El capitán que rescató a los pasajeros fue detenido en el puerto.
`},
	"ru": {`
data: Государствам следует собирать сопоставимые данные о маршрутах незаконного ввоза и ежегодно их публиковать.
data: Существующие программы должны оцениваться независимыми исследователями.
data: Статистика смертей и исчезновений на границах неполна.
technology: Перевозчики рекламируют свои услуги в социальных сетях и мессенджерах.
technology: Национальные законы о киберпреступности не охватывают вербовку мигрантов в интернете.
technology: Компаниям, управляющим платформами, следует быстро удалять объявления об опасных поездках.
protection: Свидетели и их семьи должны быть защищены от мести.
protection: Мигрантам, пострадавшим в пути, нужны медицинская помощь и юридическая поддержка независимо от статуса.
protection: Сотрудникам неправительственных организаций угрожают за помощь мигрантам.
causes: Бедность, конфликты и засуха вынуждают людей покидать дома.
causes: Без законных путей, таких как трудовая миграция, люди обращаются к перевозчикам.
causes: Воссоединение семей длится слишком долго, и родственники едут нелегально.
courts: Судьям и прокурорам нужно обучение по протоколу и правам мигрантов.
courts: Наказания главарям сетей остаются мягкими, а мелких пособников осуждают.
courts: Мигрантов преследуют за то, что они стали объектом ввоза, вопреки статье 5.
sea: Спасение на море не должно задерживаться из-за споров о юрисдикции.
sea: Береговой охране соседних стран следует обмениваться сведениями о судах, терпящих бедствие.
sea: Капитанов, спасающих людей, отдают под суд.
`, `
data: Наша сеть ведёт учёт исчезнувших на трёх маршрутах. Опубликованные правительствами данные несопоставимы, и никто не оценил программу, в которой мы участвовали.
technology: В нашем опросе две трети нашли перевозчика по объявлению в мессенджере. Платформа ничего не сделала после нашей жалобы.
protection: Свидетельнице, которой помогали наши юристы, угрожали после заседания, и её семье пришлось переехать. Нашим сотрудникам тоже поступали угрозы.
causes: Люди говорили нам, что уехали, потому что засуха уничтожила урожай. Они выбрали бы трудовую визу, если бы существовал законный путь.
courts: Мы наблюдали сорок процессов. Прокуроры преследовали самих мигрантов, судьи не прошли обучения, а главари сети так и не были осуждены.
sea: Судно терпело бедствие одиннадцать часов, пока две береговые охраны спорили о юрисдикции. Капитан, спасший пассажиров, был арестован в порту.
`},
	"ar": {`
data: ينبغي للدول أن تجمع بيانات قابلة للمقارنة عن طرق التهريب وأن تنشرها كل سنة.
data: يجب أن يقوم باحثون مستقلون بتقييم البرامج القائمة.
data: الإحصاءات عن الوفيات وحالات الاختفاء على الحدود غير كاملة.
technology: يعلن المهربون عن خدماتهم على شبكات التواصل الاجتماعي وتطبيقات المراسلة.
technology: لا تشمل القوانين الوطنية للجرائم السيبرانية استقطاب المهاجرين عبر الإنترنت.
technology: ينبغي للشركات التي تدير المنصات أن تزيل بسرعة إعلانات الرحلات الخطرة.
protection: يجب حماية الشهود وأسرهم من الانتقام.
protection: يحتاج المهاجرون الذين أصيبوا في الطريق إلى رعاية طبية ومساعدة قانونية مهما كان وضعهم.
protection: يتعرض موظفو المنظمات غير الحكومية للتهديد لأنهم يساعدون المهاجرين.
causes: الفقر والنزاع والجفاف تدفع الناس إلى ترك بيوتهم.
causes: من دون مسارات نظامية مثل هجرة العمل يلجأ الناس إلى المهربين.
causes: يستغرق لم شمل الأسر وقتا طويلا فيسافر الأقارب بصورة غير نظامية.
courts: يحتاج القضاة والمدعون العامون إلى تدريب على البروتوكول وحقوق المهاجرين.
courts: تبقى العقوبات على زعماء الشبكات خفيفة بينما يدان صغار المساعدين.
courts: يلاحق المهاجرون قضائيا لأنهم كانوا هدفا للتهريب خلافا للمادة 5.
sea: يجب ألا يتأخر الإنقاذ في البحر بسبب خلافات على الولاية القضائية.
sea: ينبغي لخفر السواحل في البلدان المجاورة تبادل المعلومات عن القوارب المستغيثة.
sea: يحاكم قباطنة أنقذوا أشخاصا.
`, `
data: تحصي شبكتنا المفقودين على ثلاثة طرق. والبيانات التي تنشرها الحكومات غير قابلة للمقارنة ولم يقيّم أحد البرنامج الذي شاركنا فيه.
technology: في استطلاعنا وجد ثلثا المشاركين المهرب عبر إعلان في تطبيق للمراسلة. ولم تفعل المنصة شيئا بعد بلاغنا.
protection: تعرضت شاهدة ساعدها محامونا للتهديد بعد الجلسة واضطرت أسرتها إلى الانتقال. وتلقى موظفونا تهديدات أيضا.
causes: قال لنا الناس إنهم غادروا لأن الجفاف دمر المحصول. وكانوا سيختارون تأشيرة عمل لو وجد مسار نظامي.
courts: راقبنا أربعين محاكمة. لاحق المدعون العامون المهاجرين أنفسهم ولم يتلق القضاة أي تدريب ولم يدن زعماء الشبكة.
sea: ظل القارب يستغيث إحدى عشرة ساعة بينما تنازع جهازان لخفر السواحل على الولاية القضائية. واعتقل القبطان الذي أنقذ الركاب.
`},
	"zh": {`
data: 各国应收集关于偷运路线的可比数据并每年公布。
data: 现有方案需要由独立研究人员评估。
data: 关于边境死亡和失踪的统计不完整。
technology: 偷运者在社交媒体和通讯应用上为其服务做广告。
technology: 国家网络犯罪法没有涵盖网上招募移民的行为。
technology: 运营平台的公司应迅速删除危险旅程的广告。
protection: 证人及其家人必须受到保护免遭报复。
protection: 途中受伤的移民无论身份如何都需要医疗和法律援助。
protection: 非政府组织工作人员因帮助移民而受到威胁。
causes: 贫困、冲突和干旱迫使人们离开家园。
causes: 没有劳务移民等正常途径人们就会求助于偷运者。
causes: 家庭团聚耗时太长亲属只好非正常旅行。
courts: 法官和检察官需要接受关于议定书和移民权利的培训。
courts: 对偷运网络头目的判刑仍然很轻而小帮手却被定罪。
courts: 移民因成为偷运对象而被起诉违反第5条。
sea: 海上救援不得因管辖权争议而延误。
sea: 邻国海岸警卫队应分享遇险船只的信息。
sea: 救人的船长受到审判。
`, `
data: 我们的网络统计了三条路线上的失踪人员。各国政府公布的数据没有可比性，也没有人评估我们参加的方案。
technology: 在我们的调查中，三分之二的人通过通讯应用上的广告找到偷运者。我们举报后平台什么也没有做。
protection: 我们律师援助的一名证人在开庭后受到威胁，她的家人被迫搬走。我们的工作人员也受到威胁。
causes: 人们告诉我们，他们离开是因为干旱毁了收成。如果有正常途径，他们会选择劳务签证。
courts: 我们观察了四十场审判。检察官起诉移民本人，法官没有接受培训，网络头目从未被定罪。
sea: 船只遇险十一个小时，两国海岸警卫队却在争夺管辖权。最后救起乘客的船长在港口被捕。
`},
}

type labelledText struct{ subject, text string }

func lines(s string) (all []labelledText) {
	for line := range strings.Lines(strings.TrimSpace(s)) {
		subject, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		all = append(all, labelledText{subject, text})
	}
	return all
}

// overlap is the plain comparison that the index has to beat: the cosine of the sets of words as they are written in
// small letters, a Chinese character being a word.
func overlap(a, b string) float64 {
	set := func(s string) map[string]bool {
		words := map[string]bool{}
		for _, w := range strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.M, c) }) {
			if c := []rune(w); unicode.Is(unicode.Han, c[0]) {
				for _, c := range c {
					words[string(c)] = true
				}
				continue
			}
			words[w] = true
		}
		return words
	}
	one, two := set(a), set(b)
	n := 0
	for w := range one {
		if two[w] {
			n++
		}
	}
	return float64(n) / math.Sqrt(float64(len(one)*len(two)))
}

// precision gives the share of right points among the first three, and of inputs whose first point is right.
func precision(points, inputs []labelledText, first func(text string) []string) (three, one float64) {
	subject := map[string]string{}
	for i, p := range points {
		subject[fmt.Sprint(i)] = p.subject
	}
	for _, in := range inputs {
		for i, id := range first(in.text) {
			if subject[id] == in.subject {
				three++
				if i == 0 {
					one++
				}
			}
		}
	}
	return three / float64(3*len(inputs)), one / float64(len(inputs))
}

// TestLabelled holds that, in each language, the index finds right points, and more than plain words do.
func TestLabelled(t *testing.T) {
	var sum, sumPlain, sumOne float64
	for _, lang := range []string{"en", "fr", "es", "ru", "ar", "zh"} {
		points, inputs := lines(labelled[lang].points), lines(labelled[lang].inputs)
		if len(points) != 18 || len(inputs) != 6 {
			t.Fatalf("%s: %d points, %d inputs", lang, len(points), len(inputs))
		}
		x := New(indexable(points, lang))
		three, one := precision(points, inputs, func(text string) (ids []string) {
			for _, n := range x.Nearest(text, lang, 3) {
				ids = append(ids, n.ID)
			}
			return ids
		})
		plain, plainOne := precision(points, inputs, func(text string) []string { return plainest(points, text) })
		t.Logf("%s: precision@3 %.2f, first right %.2f; plain words %.2f, %.2f", lang, three, one, plain, plainOne)
		if three < plain || three < 0.6 {
			t.Errorf("%s: precision@3 is %.2f, plain words give %.2f", lang, three, plain)
		}
		sum, sumPlain, sumOne = sum+three/6, sumPlain+plain/6, sumOne+one/6
	}
	t.Logf("all: precision@3 %.2f, first right %.2f; plain words %.2f", sum, sumOne, sumPlain)
	if sum < sumPlain+0.1 || sumOne < 0.9 {
		t.Errorf("precision@3 is %.2f, plain words give %.2f", sum, sumPlain)
	}
}

// TestAcrossLanguages reports what is found between languages: little, as the package says.
func TestAcrossLanguages(t *testing.T) {
	for _, pair := range [][2]string{{"fr", "en"}, {"es", "fr"}, {"es", "en"}, {"ru", "en"}, {"ar", "en"}, {"zh", "en"}} {
		points, inputs := lines(labelled[pair[1]].points), lines(labelled[pair[0]].inputs)
		x := New(indexable(points, pair[1]))
		three, one := precision(points, inputs, func(text string) (ids []string) {
			for _, n := range x.Nearest(text, pair[0], 3) {
				ids = append(ids, n.ID)
			}
			return ids
		})
		t.Logf("%s input, %s points: precision@3 %.2f, first right %.2f (chance %.2f)", pair[0], pair[1], three, one, 3.0/18)
	}
}

func indexable(points []labelledText, lang string) []Point {
	var all []Point
	for i, p := range points {
		all = append(all, Point{ID: fmt.Sprint(i), Texts: map[string]string{lang: p.text}})
	}
	return all
}

func plainest(points []labelledText, text string) []string {
	taken := map[int]bool{}
	var ids []string
	for range 3 {
		best, at := -1.0, -1
		for i, p := range points {
			if o := overlap(text, p.text); !taken[i] && o > best {
				best, at = o, i
			}
		}
		taken[at] = true
		ids = append(ids, fmt.Sprint(at))
	}
	return ids
}

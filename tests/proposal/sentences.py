"""A few sentences in many languages, written for the tests: about the weather, a letter and a market."""

from __future__ import annotations

SENTENCES: dict[str, list[str]] = {
    "de": [
        "Gestern hat es den ganzen Tag geregnet, und wir sind zu Hause geblieben.",
        "Sie schrieb ihm einen Brief, aber er hat nicht geantwortet.",
        "Auf dem Markt gibt es heute frischen Fisch und viel Gemüse.",
    ],
    "en": [
        "Yesterday it rained all day, and we stayed at home.",
        "She wrote him a letter, but he did not answer.",
        "There is fresh fish and a lot of vegetables at the market today.",
    ],
    "fr": [
        "Hier il a plu toute la journée et nous sommes restés à la maison.",
        "Elle lui a écrit une lettre, mais il n'a pas répondu.",
        "Aujourd'hui il y a du poisson frais et beaucoup de légumes sur le marché.",
    ],
    "es": [
        "Ayer llovió todo el día y nos quedamos en casa.",
        "Ella le escribió una carta, pero él no contestó.",
        "Hoy hay pescado fresco y muchas verduras en el mercado.",
    ],
    "it": [
        "Ieri è piovuto tutto il giorno e siamo rimasti a casa.",
        "Lei gli ha scritto una lettera, ma lui non ha risposto.",
        "Oggi al mercato c'è del pesce fresco e anche molta verdura della campagna.",
    ],
    "pt": [
        "Ontem choveu o dia todo e nós ficamos em casa.",
        "Ela escreveu uma carta para ele, mas ele não respondeu.",
        "Hoje há peixe fresco e muitos legumes no mercado da cidade.",
    ],
    "nl": [
        "Gisteren heeft het de hele dag geregend en we zijn thuis gebleven.",
        "Zij schreef hem een brief, maar hij heeft niet geantwoord.",
        "Op de markt is er vandaag verse vis en veel groente.",
    ],
    "sv": [
        "I går regnade det hela dagen och vi stannade hemma.",
        "Hon skrev ett brev till honom, men han svarade inte.",
        "På torget finns det färsk fisk och mycket grönsaker i dag.",
    ],
    "da": [
        "I går regnede det hele dagen, og vi blev hjemme.",
        "Hun skrev et brev til ham, men han svarede ikke.",
        "På torvet er der frisk fisk og mange grøntsager, som vi også kan købe af bonden.",
    ],
    "no": [
        "I går regnet det hele dagen, og vi ble hjemme.",
        "Hun skrev et brev til ham, men han svarte ikke.",
        "På torget er det fersk fisk og mye grønnsaker i dag, men bare noe av det er norsk.",
    ],
    "fi": [
        "Eilen satoi koko päivän ja me olimme kotona.",
        "Hän kirjoitti kirjeen, mutta mies ei vastannut, vaikka se oli tärkeä.",
        "Torilla on tänään tuoretta kalaa ja myös paljon vihanneksia, joita ei ole ennen ollut.",
    ],
    "et": [
        "Eile sadas terve päeva vihma ja me jäime koju.",
        "Ta kirjutas talle kirja, aga see mees ei vastanud.",
        "Turul on täna värsket kala ning ka palju köögivilju, mida seal veel eile ei olnud.",
    ],
    "pl": [
        "Wczoraj padało przez cały dzień i zostaliśmy w domu.",
        "Napisała do niego list, ale on nie odpowiedział.",
        "Na rynku są dziś świeże ryby i bardzo dużo warzyw, które przywieziono z wsi.",
    ],
    "cs": [
        "Včera celý den pršelo a my jsme zůstali doma.",
        "Napsala mu dopis, ale on neodpověděl, protože už byl pryč.",
        "Na trhu jsou dnes čerstvé ryby a také mnoho zeleniny, která je z vesnice.",
    ],
    "sk": [
        "Včera celý deň pršalo a my sme zostali doma.",
        "Napísala mu list, ale on neodpovedal, pretože už bol preč.",
        "Na trhu sú dnes čerstvé ryby a aj veľa zeleniny, ktorá je z dediny.",
    ],
    "hu": [
        "Tegnap egész nap esett az eső, és otthon maradtunk.",
        "Írt neki egy levelet, de ő nem válaszolt.",
        "A piacon ma friss hal van, és sok zöldség is, amely már nagyon kell.",
    ],
    "ro": [
        "Ieri a plouat toată ziua și am rămas acasă.",
        "Ea i-a scris o scrisoare, dar el nu a răspuns.",
        "La piață este astăzi pește proaspăt și sunt multe legume din sat.",
    ],
    "hr": [
        "Jučer je cijeli dan padala kiša i ostali smo kod kuće.",
        "Napisala mu je pismo, ali on nije odgovorio jer nije znao što bi rekao.",
        "Na tržnici danas ima svježe ribe, gdje je prije bilo samo povrće, a netko prodaje i sir.",
    ],
    "sl": [
        "Včeraj je ves dan deževalo in ostali smo doma.",
        "Napisala mu je pismo, vendar on ni odgovoril, ker ga še ni bilo.",
        "Na tržnici so danes sveže ribe in tudi veliko zelenjave, ki je z vasi.",
    ],
    "lv": [
        "Vakar visu dienu lija, un mēs palikām mājās.",
        "Viņa uzrakstīja viņam vēstuli, bet viņš neatbildēja.",
        "Tirgū šodien ir svaigas zivis un arī daudz dārzeņu, kas nav no pilsētas.",
    ],
    "lt": [
        "Vakar visą dieną lijo ir mes likome namuose.",
        "Ji parašė jam laišką, bet jis neatsakė, nes jau buvo išvykęs.",
        "Turguje šiandien yra šviežios žuvies ir labai daug daržovių iš kaimo.",
    ],
    "tr": [
        "Dün bütün gün yağmur yağdı ve biz evde kaldık.",
        "Ona bir mektup yazdı ama o cevap vermedi.",
        "Bugün pazarda taze balık var, sebze de çok, ancak daha pahalı değil.",
    ],
    "id": [
        "Kemarin hujan turun sepanjang hari dan kami tinggal di rumah.",
        "Dia menulis surat kepadanya, tetapi orang itu tidak menjawab karena sudah pergi.",
        "Hari ini ada ikan segar dan juga banyak sayuran di pasar, yang bisa kita beli.",
    ],
    "vi": [
        "Hôm qua trời mưa cả ngày và chúng tôi ở nhà.",
        "Cô ấy viết cho anh một lá thư nhưng anh không trả lời.",
        "Hôm nay ở chợ có cá tươi và rất nhiều rau của người dân trong làng.",
    ],
    "ca": [
        "Ahir va ploure tot el dia i ens vam quedar a casa.",
        "Ella li va escriure una carta, però ell no va contestar.",
        "Avui hi ha peix fresc i també molta verdura al mercat, amb els millors preus.",
    ],
    "ga": [
        "Bhí sé ag cur báistí an lá ar fad inné agus d'fhan muid sa bhaile.",
        "Scríobh sí litir chuige, ach níor fhreagair sé í.",
        "Tá iasc úr agus a lán glasraí ar an margadh inniu, agus níl siad daor.",
    ],
    "mt": [
        "Ilbieraħ għamlet ix-xita l-ġurnata kollha u aħna bqajna d-dar.",
        "Hija kitbitlu ittra, iżda hu ma weġibx għal dan.",
        "Illum hemm ħut frisk u aktar ħaxix fis-suq, li huwa minn dawn l-inħawi.",
    ],
    "is": [
        "Í gær rigndi allan daginn og við vorum heima.",
        "Hún skrifaði honum bréf, en hann svaraði ekki.",
        "Á markaðnum er ferskur fiskur í dag og það eru líka mjög margar tegundir af grænmeti.",
    ],
    "gl": [
        "Onte choveu todo o día e quedamos na casa.",
        "Ela escribiulle unha carta, pero el non contestou ata hai pouco.",
        "Hoxe hai peixe fresco no mercado e tamén moitas verduras con unha boa cor, máis que onte.",
    ],
    "af": [
        "Gister het dit die hele dag gereën en ons het by die huis gebly.",
        "Sy het vir hom 'n brief geskryf, maar hy het nie geantwoord nie.",
        "Daar is vandag vars vis en baie groente by die mark.",
    ],
    "lb": [
        "Gëschter huet et de ganzen Dag gereent, a mir sinn doheem bliwwen.",
        "Si huet him e Bréif geschriwwen, mee hien huet net geäntwert.",
        "Haut gëtt et um Maart frësche Fësch a vill Geméis.",
    ],
    "ru": [
        "Вчера весь день шёл дождь, и мы остались дома.",
        "Она написала ему письмо, но он не ответил.",
        "Сегодня на рынке есть свежая рыба и очень много овощей, все они из деревни.",
    ],
    "uk": [
        "Учора весь день ішов дощ, і ми залишилися вдома.",
        "Вона написала йому листа, але він не відповів.",
        "Сьогодні на ринку є свіжа риба та дуже багато овочів, що їх привезли з села.",
    ],
    "bg": [
        "Вчера цял ден валя дъжд и ние си останахме вкъщи.",
        "Тя му написа писмо, но той не отговори.",
        "Днес на пазара има прясна риба и много зеленчуци, които са от селото.",
    ],
    "sr": [
        "Јуче је цео дан падала киша и остали смо код куће.",
        "Написала му је писмо, али он није одговорио јер није знао шта би рекао.",
        "На пијаци данас има свеже рибе и још много поврћа које је из села.",
    ],
    "be": [
        "Учора ўвесь дзень ішоў дождж, і мы засталіся дома.",
        "Яна напісала яму ліст, але ён не адказаў.",
        "Сёння на рынку ёсць свежая рыба і таксама шмат гародніны, што прывезлі з вёскі.",
    ],
    "mk": [
        "Вчера цел ден врнеше дожд и ние останавме дома.",
        "Таа му напиша писмо, но тој не одговори.",
        "Денес на пазарот има свежа риба и многу зеленчук кои се од селото, но сум ги видел само јас.",
    ],
    "ar": [
        "أمطرت أمس طوال اليوم وبقينا في البيت.",
        "كتبت إليه رسالة، لكن لم يكن هناك جواب من الرجل الذي كان بعيدا.",
        "في السوق اليوم سمك طازج مع خضروات كثيرة، وقد جاءت إلى المدينة من القرية.",
    ],
    "fa": [
        "دیروز تمام روز باران بارید و ما در خانه ماندیم.",
        "او برای مرد نامه‌ای نوشت، اما او پاسخ نداد.",
        "امروز در بازار ماهی تازه هست و سبزی هم که از روستا با ماشین می آید.",
    ],
    "ur": [
        "کل سارا دن بارش ہوتی رہی اور ہم گھر میں رہے۔",
        "اس نے اسے ایک خط لکھا لیکن اس نے جواب نہیں دیا۔",
        "آج بازار میں تازہ مچھلی ہے اور گاؤں کی سبزی بھی۔",
    ],
    "hi": [
        "कल पूरे दिन बारिश हुई और हम घर पर रहे।",
        "उसने उसे एक पत्र लिखा, लेकिन उस ने जवाब नहीं दिया।",
        "आज बाज़ार में ताज़ी मछली है और गाँव की सब्ज़ी भी है।",
    ],
    "el": [
        "Χθες έβρεχε όλη μέρα και μείναμε στο σπίτι.",
        "Του έγραψε ένα γράμμα, αλλά δεν απάντησε.",
        "Σήμερα η αγορά έχει φρέσκο ψάρι.",
    ],
    "he": [
        "אתמול ירד גשם כל היום ונשארנו בבית.",
        "היא כתבה לו מכתב אבל הוא לא ענה.",
        "היום יש בשוק דגים טריים.",
    ],
    "th": [
        "เมื่อวานฝนตกทั้งวันและเราอยู่บ้าน",
        "เธอเขียนจดหมายถึงเขาแต่เขาไม่ตอบ",
        "วันนี้ที่ตลาดมีปลาสด",
    ],
    "ko": [
        "어제는 하루 종일 비가 와서 우리는 집에 있었다.",
        "그녀는 그에게 편지를 썼지만 그는 대답하지 않았다.",
        "오늘 시장에 신선한 생선이 있다.",
    ],
    "ja": [
        "昨日は一日中雨が降って、私たちは家にいた。",
        "彼女は彼に手紙を書いたが、彼は返事をしなかった。",
        "今日は市場に新鮮な魚がある。",
    ],
    "zh": [
        "昨天下了一整天的雨，我们待在家里。",
        "她给他写了一封信，但是他没有回答。",
        "今天市场上有新鲜的鱼。",
    ],
    "hy": [
        "Երեկ ամբողջ օրը անձրև էր գալիս, և մենք մնացինք տանը։",
        "Նա նրան նամակ գրեց, բայց նա չպատասխանեց։",
        "Այսօր շուկայում թարմ ձուկ կա։",
    ],
    "ka": [
        "გუშინ მთელი დღე წვიმდა და სახლში დავრჩით.",
        "მან მას წერილი მისწერა, მაგრამ მან არ უპასუხა.",
        "დღეს ბაზარში ახალი თევზია.",
    ],
}

"""The most frequent function words of languages in Latin script: see `function_words`, of which this is the larger half."""

from __future__ import annotations

# By ISO 639-1: the letters a language writes beside those of English, and its words, the commonest first.
LATIN: dict[str, tuple[str, str]] = {
    "af": (
        "êëéèïôûŉáíö",
        "die en van is in het wat nie n te vir sy op dat met hulle ek was hy ons jy om aan as sal kan maar word ook by uit deur dit na haar"
        " een of daar baie meer nog hierdie wees jou my se toe moet",
    ),
    "ca": (
        "àèéíïòóúüç",
        "de la i el que a en els l les un per del d amb una no es és al s va com més dels són o però seva han ha aquest aquesta molt també"
        " ser si pel tot fer ja li seu on fins quan perquè hi què ho està",
    ),
    "cs": (
        "áčďéěíňóřšťúůýž",
        "a v se na je že s z do to i o k ale za by jsem ve pro jako si jsou po které od tak který však bylo nebo byl už jen ze co jeho než"
        " při může mi jak není když má až také být kde",
    ),
    "cy": (
        "âêîôûŵŷáéëïö",
        "y yn i a o ar mae ei yr wedi am oedd bod ac gan eu un fel hyn ond ni nid wrth bydd sydd roedd ôl gyda hefyd fod iawn neu dim mewn"
        " hynny",
    ),
    "da": (
        "æøåé",
        "og i at det er en til på som af for med den de ikke der jeg et han har var om men hun vi sig så kan fra du skal ved eller ud blev"
        " være nu efter også hvad mig op når kun meget sin noget hvor ham mod blive deres selv havde hans bliver nogle",
    ),
    "de": (
        "äöüß",
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er hat aus bei sie nach wird einer um"
        " am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man dass ich wir wenn kann kein sehr"
        " hier was ihr mir sein",
    ),
    "en": (
        "",
        "the of and to a in is it that for was on you he with as are his at be this i have from or had by not but they what we there were"
        " will can an all she which her do if their has more one would about so up out who when your them my me no him been some than into"
        " its could just like t",
    ),
    "es": (
        "áéíñóúü",
        "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ya ha este sí porque esta entre"
        " cuando muy sin sobre también me hasta hay donde quien desde todo nos está son era fue ser",
    ),
    "et": (
        "äöõüšž",
        "ja on ei et see ta oli kui ma mis ka aga ning või siis nii seda sa oma selle välja kes tema üle ära mida ole olid veel juba pole"
        " siin nagu ainult väga kuid olen seal kas üks nad meie",
    ),
    "eu": (
        "ñü",
        "eta da ez ere du bat izan dira zen egin baina dute zuen dago bere dela hau horrek beste den behar zituen gero oso hori baino"
        " egiten ziren ditu dituzte edo bezala arte",
    ),
    "fi": (
        "äöå",
        "ja on ei se että oli hän mutta kuin ovat niin joka myös sen olen ole minä kun hänen mitä jos tai olla nyt vain sitä jo sinä ollut"
        " mukaan kanssa mä he voi tämä ne sekä ennen hyvin siitä siellä jälkeen vielä kaikki",
    ),
    "fr": (
        "àâæçéèêëîïôœùûüÿ",
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ou son sa lui nous comme mais l"
        " d elle leur vous on aux cette ses je qu n c s j y été être ont fait tout si bien très sans où même deux",
    ),
    "ga": (
        "áéíóú",
        "an na agus a ar i is go le bhí sé ag tá do de ach ní sí ó nach seo sin mé leis é chun mar faoi bhfuil raibh aige atá siad ann air"
        " gur nuair féin idir níl",
    ),
    "gl": (
        "áéíñóúü",
        "de a e o que en do da un os se unha as non por con para é na dos no máis como das foi ao súa seu ou pero á moi tamén ten polo"
        " pola ser está nos entre xa hai cando até son isto",
    ),
    "hr": (
        "čćđšž",
        "i u je na da se za su s od a o kao koji bio iz će to ali što ne po nije bi sam kako do ili te samo sve godine prije gdje tako oni"
        " vrlo također tko netko nešto može jer smo još više ovdje poslije",
    ),
    "hu": (
        "áéíóöőúüű",
        "a az és hogy nem is van egy ez de meg csak ha már volt el ki mint azt vagy még ezt aki kell mert minden ami lehet le én azonban ő"
        " majd amely szerint nagyon ezek után pedig itt be sem",
    ),
    "id": (
        "",
        "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena ada mereka adalah oleh bisa kami kita dia orang"
        " telah atau anda lebih sudah seperti tersebut namun secara bahwa harus sebagai hanya ia para banyak",
    ),
    "is": (
        "áéíóúýþðæö",
        "og að í á er sem til við um það með en ekki var ég hann fyrir af því þeir hún þetta eru þá þegar hafa eða þú frá svo upp ef sig út"
        " mér hefur hér þar verið mjög vera",
    ),
    "it": (
        "àèéìòùóî",
        "di e il la che in a per un è del una non si i le con da sono della più al dei come nel ma lo alla gli ha anche su dal questo se o"
        " ed delle mi ti ci ho suo sua essere perché cosa l c d quando molto dell all nella uno due",
    ),
    "la": (
        "",
        "et in est non ad ut cum quod sed si ex qui quae ab aut esse sunt de per ne quam hoc enim atque nec etiam id eius ac se ita quid"
        " mihi autem erat",
    ),
    "lb": (
        "äëéöüêè",
        "de an d den ass en et vun der eng déi mat dat fir op net och huet sech ze hien si mee gëtt gouf awer vill ech mir se sinn vum"
        " no bei wéi beim zu där am um säin",
    ),
    "lt": (
        "ąčęėįšųūž",
        "ir yra kad į iš su tai buvo kaip ne o bet jis apie už tik per jau ar aš dar po nuo jo jos kur mes ji iki taip prie šis tas labai"
        " kuris ką savo arba dėl",
    ),
    "lv": (
        "āčēģīķļņšūž",
        "un ir ka no ar uz par to kas lai bet tas es ko tā arī vai pēc ne viņš tika bija nav pie jau tikai kā ja līdz kad mēs viņa šī šis"
        " ļoti visi gan būt sev tad tur",
    ),
    "ms": (
        "",
        "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke kerana ada mereka adalah oleh boleh kami kita dia orang"
        " telah atau anda lebih sudah seperti tersebut namun bahawa mahu sebagai hanya beliau pula ialah iaitu",
    ),
    "mt": (
        "ċġħżàèìòù",
        "li u ta il l fil ma għal dan minn hija huwa din kien f jew tal mill bħala biex dawn mhux għandha ġew aktar b fuq kif lil hemm"
        " kienet dak wara kull meta jista x ukoll",
    ),
    "nl": (
        "éëïöüèêáó",
        "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om hem dan zou of wat mijn men dit zo door"
        " over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u nog zal worden wordt kan geen twee",
    ),
    "nn": (
        "æøåéòô",
        "og i det er på ein til som av for å med at den dei ikkje har eg eit om han var frå men vi så kan seg ho ved skal eller etter vart"
        " vere no kva også opp når berre meg noko kvar mykje ut over hadde deg blir desse",
    ),
    "no": (
        "æøåéòô",
        "og i det er på en til som av for å med at den de ikke har jeg et om han var fra men vi så kan seg hun ved skal eller etter ble"
        " være nå hva også opp når bare meg noe hvor mye ut over hadde deg blir sin sitt",
    ),
    "oc": (
        "àáçèéíòóú",
        "de la e que lo los a en es un las per del d l una al se son dins amb non pas mas coma aquò plan o qu i fa foguèt èra sus"
        " aquel aquela ont tanben tot mai",
    ),
    "pl": (
        "ąćęłńóśźż",
        "w i na z się nie do że to jest o a jak od po za co przez tym są ale dla tak czy jego tylko już było ma był przy ten ze oraz jej"
        " może być ich kiedy bardzo które który gdy jeszcze także pod mnie",
    ),
    "pt": (
        "áâãàçéêíóôõúü",
        "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito"
        " há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter são você",
    ),
    "ro": (
        "ăâîșțşţ",
        "de și şi în a la cu pe că nu o din care se să un mai este pentru au al sunt ca fi sau lui ce prin după dar fost ale am era fără"
        " doar iar ea el acest această foarte când aceasta între până",
    ),
    "sk": (
        "áäčďéíĺľňóôŕšťúýž",
        "a v sa na je že s z do to i o k ale za by som vo pre ako si sú po ktoré od tak ktorý však bolo alebo bol už len zo čo jeho než pri"
        " môže mi nie keď má až aj byť kde",
    ),
    "sl": (
        "čšž",
        "in je v na se da za so ki pa z s ne po od tudi bi to kot ni pri ali kar do iz še ko že bil sem le kako bo o če lahko vse pred samo"
        " ob zelo ker si bilo jih",
    ),
    "sq": (
        "çë",
        "të e në për me një nga dhe se që është ka i u nuk më do ishte kjo si ky duke por janë kanë edhe mund tij saj pas kur ku vetëm"
        " shumë kishte ai",
    ),
    "sr": (
        "čćđšž",
        "i u je na da se za su sa od a o kao koji bio iz će to ali šta ne po nije bi sam kako do ili samo sve godine pre gde tako oni veoma"
        " takođe ko neko nešto može jer smo još više ovde posle",
    ),
    "sv": (
        "åäöé",
        "och att det i en som är på av för med den till inte om ett han hon men de jag var sig från vi så kan har när ska hade år efter"
        " eller nu sin också mycket där skulle vad än ut mig upp man blev bara din mot under vid över alla",
    ),
    "sw": (
        "",
        "ya na wa kwa ni katika za la kuwa cha hii hiyo kama huo yake wake lakini hivyo pia watu baada kwamba si alikuwa au ambayo sana"
        " zaidi hilo hata wao mimi yeye",
    ),
    "tl": (
        "ñ",
        "ang ng sa na mga at ay ito si hindi para ni ko siya may mo isang kung kanyang niya naman din rin ako nila lamang o dahil upang"
        " ngunit pero wala",
    ),
    "tr": (
        "çğıöşüâîû",
        "ve bir bu da de için ile o çok ne gibi daha olarak ama var kadar olan sonra değil en her mi ki diye ya ben hiç yok şey oldu kendi"
        " ise sen onun ancak nasıl iki bana",
    ),
    "vi": (
        "àáâãèéêìíòóôõùúăđĩũơưýạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "và của là có không được cho một người các trong những đã với này khi đến để về cũng ra tôi thì ở như anh từ nhiều đó lại sẽ làm"
        " vào phải rằng nhưng năm vì còn ông bạn chúng nó rất",
    ),
}

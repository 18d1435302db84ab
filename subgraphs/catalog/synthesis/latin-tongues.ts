import { type Tongue, words } from './tongue.ts'

/** Languages in Latin letters, with the accents they have. */
export const LATIN_TONGUES: readonly Tongue[] = [
  {
    key: 'en',
    share: 56,
    nouns:
      words(`Love Night Time Heart Life Way Day World Dreams Girl Baby Home Light Fire Rain Heaven Eyes Sun Man Blues Summer
      Water Song Moon Dance Road River Soul Mind Sky Fool Star Friends Boy City Morning House Hands Street Train Gold Money Ghost
      Angel Devil Rose Party Game Line Ocean Mountain Shadow Mirror Window Winter Paradise Thunder Lightning Storm Garden Tears
      Smile Bones Blood Stranger Wind Island Radio Memory Kingdom Diamond Stone Silence Trouble Poison Honey Sugar Whiskey Letter
      Picture Story Promise Secret Machine Highway Bridge Harbour Lighthouse Feather Wolf Tiger Horse Bird Butterfly Flower Tree
      Forest Desert Valley Castle Crown Queen King Soldier Sailor Doctor Teacher Sister Brother Mother Father Child Sunday Monday
      Friday Saturday December September Midnight Tomorrow Yesterday Century Satellite Gravity Electricity Revolution Innocence
      Carousel Telephone Photograph Umbrella Kaleidoscope Pendulum Cathedral Avalanche Hurricane Orchard Lantern Compass Velvet`),
    adjectives:
      words(`Blue New Good Bad Last Sweet Little Wild Lonely Beautiful Crazy Black White Red Golden Broken Lost High Cold
      Young Old Dark Electric Silver Happy Sad Slow Free Strange Empty Holy Perfect Dirty Secret Endless Midnight Burning Falling
      Dancing Sleeping Running Bitter Gentle Hollow Velvet Crystal Distant Invisible Restless Fearless Heavy Quiet Crooked Foolish
      Paper Plastic Neon Tropical Northern Eastern Forgotten Wonderful Dangerous Ordinary Magnetic`),
    verbs:
      words(`Love Want Need Stay Feel Know Leave Take Hold Give Run Call Dance Breathe Wait Fall Let Find Tell Remember Forget
      Believe Break Miss Show Turn Follow Save Burn Fly Dream Kiss Hear Touch Fight Carry Wonder Surrender Whisper Pretend`),
    given:
      words(`Emma Jack Olivia Liam Ava Noah Grace Henry Lily Oscar Ruby Leo Violet Felix Hazel Jasper Clara Milo Nora Ezra
      Jade Miles Stella Otis Pearl Reuben Maya Quinn Tessa Wyatt Amber Dexter Faith Gideon Iris Kendrick Lucille Marcus Naomi Percy`),
    family:
      words(`Smith Jones Carter Walker Brown Hill Reed Stone Fox Parker Hayes Marsh Banks Cole Winters Rivers Lane Frost
      Bishop Knight Shaw Harper Wells Blake Lowe Mercer Vaughn Ashworth Thorne Whitfield Abernathy Kirkland Pemberton Sinclair`),
    syllables:
      words(`bel cor dan el fen gar hal is jor kel lum mar nor os pel quin ran sol tam ur ven wes yar zan brim cald dusk
      ember frost glen hollow ira ash vale wick ton ley mere ford ora ine a o ix`),
    titles:
      words(`N A_N The_N N_of_the_N V_Me V_You N_and_N The_A_N I_V_You My_N A_N_N A_N_of_N In_the_N No_N Don't_V_Me
      V_It_All N_Song G V_the_N All_My_N Like_a_N When_the_N_V Never_V_Again A_A_N To_the_N X Where_the_N_Is N_in_the_A_N X_N
      You_V_My_N If_I_V_You_Now One_More_N What_the_N_Said The_N_I_V Ain't_No_N N_on_the_N Let_Me_V G's_N Every_N_in_X
      Sometimes_I_V_the_A_N The_Last_N_of_X Until_the_A_N_Comes`),
    acts: words(
      `G_F X The_Ns N G_X The_A_Ns X_F G_and_the_Ns DJ_X A_N X_X N_X The_F_Brothers G_X Lil_G N_&_N MC_G The_X_Orchestra`,
    ),
  },
  {
    key: 'es',
    share: 10,
    nouns:
      words(`Amor Corazón Noche Vida Mujer Sueño Luz Cielo Mar Día Sol Canción Luna Fuego Camino Tiempo Mundo Adiós Playa Calle
      Ilusión Mañana Lluvia Verano Niña Ángel Pasión Sombra Estrella Destino Guitarra Corazones Flor Año Otoño Montaña Señal`),
    adjectives: words(
      `Eterno Loco Nuevo Solo Azul Perdido Último Dulce Negro Salvaje Tropical Feliz Mágico Frágil Rápido Único`,
    ),
    verbs: words(`Quiero Bailar Amar Volver Vivir Soñar Olvidar Sentir Besar Llorar Esperar Volverás Amaré`),
    given: words(
      `María José Lucía Javier Sofía Andrés Camila Raúl Inés Tomás Belén Adrián Nuria Ramón Ángela Óscar Itziar Íñigo`,
    ),
    family: words(
      `García Fernández López Muñoz Peña Rodríguez Núñez Ibáñez Ramírez Castaño Velázquez Ordóñez Acuña Zúñiga`,
    ),
    syllables: words(`ca ra le mi na so ro ta lu ve ña que ri do ma sa lo ju pa cho va gui`),
    titles:
      words(`N Mi_N N_de_N El_N La_N V N_A Sin_Tu_N Te_V Solo_V_Contigo No_V_Más V_en_la_N La_N_de_X Hasta_el_N N_y_N Tu_N X
      Cuando_V_la_N Dame_Tu_N`),
    acts: words(`G_F X Los_Ns G_X La_N_A Los_de_X DJ_G Grupo_X N_y_N`),
  },
  {
    key: 'pt',
    share: 4,
    nouns: words(
      `Coração Amor Saudade Canção Noite Paixão Verão Chuva Manhã Luz Ilusão Sertão Ilha Avião Mãe Irmão Céu Lua Sabiá`,
    ),
    adjectives: words(`Só Bom Lindo Louco Azul Feliz Último Difícil Incrível Doce Novo`),
    verbs: words(`Amar Voltar Dançar Sonhar Chorar Esqueci Quero Vou Sambar`),
    given: words(`João Inês Conceição Luís Antônio Célia Zé Tânia Rogério Márcia Flávio Beatriz`),
    family: words(`Gonçalves Simões Araújo Falcão Brandão Magalhães Antunes Leitão Assunção`),
    syllables: words(`ba ção ri lha no ca dé lu bra ma je tu pi ra xé nha`),
    titles: words(`N Meu_N N_de_N V A_N N_e_N Sem_N Quando_V O_N_do_X V_Contigo X`),
    acts: words(`G_F X Os_Ns G_X Banda_X G_do_X`),
  },
  {
    key: 'fr',
    share: 5,
    nouns: words(
      `Amour Nuit Vie Été Cœur Rêve Mer Étoile Soleil Façade Forêt Fenêtre Hôtel Garçon Liberté Beauté Fumée Île Hiver Âme`,
    ),
    adjectives: words(`Seul Bleu Belle Dernier Étrange Léger Éternel Fragile Sauvage Parfait Désolé`),
    verbs: words(`Aimer Danser Rêver Partir Oublier Chanter Rester Pleurer`),
    given: words(`Élodie Jérôme Zoé François Anaïs Léo Maëlle Théo Noémie Loïc Hélène Cédric`),
    family: words(`Lefèvre Moreau Béranger Dubois Garnier Chrétien Besançon Fontaine Lemaître Côté`),
    syllables: words(`bel vé ran chou lé mar sou dé fleu ri quel nau bé cha ge vi llon`),
    titles: words(`N L'A_N La_N Le_N_de_N N_et_N Sans_N V Je_Veux_V Mon_N Au_N_du_X Ne_Me_Dis_Pas_N X`),
    acts: words(`G_F X Les_Ns G_X La_N_A G_&_G Orchestre_X`),
  },
  {
    key: 'north',
    share: 5,
    nouns:
      words(`Natt Hjärta Kärlek Sommar Ljus Måne Väg Skog Glück Straße Königin Träume Frühling Mädchen Hände Sjöen Øy
      Blå_Time Fjäll Himmel Vår Gata Brücke Wölfe Yö Rakkaus Tähti Kesä`),
    adjectives: words(`Blå Große Schöne Liten Ensam Kalte Sista Müde Fri Røde Vilda Hemlig`),
    verbs: words(`Tanzen Drömma Lieben Dansa Vergessen Sjunga Älska Glömma Laufen`),
    given: words(`Björn Åsa Jürgen Søren Märta Øystein Käthe Håkon Jörg Astrid Göran Päivi Ylva`),
    family: words(
      `Müller Lindström Bjørk Østergård Schröder Nygård Hämäläinen Åkesson Grünwald Sørensen Löfgren Weiß`,
    ),
    syllables: words(`bjor hal ske vik mø ren dal sten gard fjor lund kø än träsk berg ul ström hav`),
    titles: words(`N A_N Min_N N_und_N V Die_N Den_A_N Ich_Will_V N_i_X Kein_N Zwischen_N_und_N X`),
    acts: words(`G_F X Die_Ns G_X De_A_Ns X_&_X DJ_X`),
  },
  {
    key: 'turk',
    share: 2,
    nouns: words(
      `Aşk Gece Gönül Hayat Deniz Yağmur Güneş Şehir Rüya Yıldız Łódka Miłość Słońce Dzień Świat Život Láska Ďáblové`,
    ),
    adjectives: words(`Güzel Yalnız Kırık Mavi Piękny Zielony Černá Tichá`),
    verbs: words(`Sev Unut Bekle Tańcz Wróć Zpívej`),
    given: words(`Çağla Işık Şebnem Łukasz Małgorzata Jiří Žofie Ömer Gökhan Wojciech`),
    family: words(`Yıldız Öztürk Çelik Wiśniewski Dąbrowska Dvořák Šimek Kőrösi`),
    syllables: words(`kar yıl gül şah bey łą czy nov ška ří ves ten mur`),
    titles: words(`N A_N N_N V N_i_N Benim_N Bir_N X Ostatni_N`),
    acts: words(`G_F X G_X Grup_X`),
  },
]

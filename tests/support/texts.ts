/** Texts of our own that tests read: short, in the languages that matter here. */

/** Five paragraphs of Chinese with a title line and an author line, ASCII commas included as people type them. */
export const chineseText = `页边的读者

读书的人很少让书页的边缘空着。从前的人用朱笔点读,在天头写下疑问,在行间添上注释,后来的人又在这些字旁边写下自己的回答。一本书传了几代,边上的话有时比正文还多。

这些话当初并不是为了给别人看的。读的人只是想留住一个念头,或者提醒自己回头再查一处出处。可是书换了主人,念头就变成了对话。不相识的人隔着几十年,在同一行字旁边争论同一个问题。

今天我们在屏幕上读同一篇文章,页边可以同时容下许多人的字。有人问“这里的公共产品指什么?”,有人答“第二段说过了”。问题和回答都留在它们所指的那一行旁边,谁晚来一步,也能从头看起。

共读最要紧的不是看得快,而是看得见别人在哪里停下。停下的地方往往就是值得再读一遍的地方。页边的字提醒我们:读书从来不是一个人的事。

（作者:页边编辑部）
`;
